// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/log_identity.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "compile/probes.h"
#include "ir/log_prefix.h"
#include "sema/spoof.h"

namespace vuurmuur::compile {
namespace {

/// Identities that are not taken yet: texts that say the same, or that one number stands for by chance, get others.
class Identities {
 public:
  std::string take(std::string_view text) {
    std::uint64_t number = ir::identity_of(text);
    for (unsigned& again = again_[number]; !taken_.insert(number).second;)
      number = ir::identity_of(fmt::format("{} #{}", text, ++again + 1));
    return ir::identity_text(number);
  }

 private:
  std::unordered_set<std::uint64_t> taken_;
  std::unordered_map<std::uint64_t, unsigned> again_;
};

bool writes_log(const model::Rule& rule) { return rule.options.log || *rule.action == model::Action::Log; }

}  // namespace

std::string rule_label(const model::Rule& rule) {
  return fmt::format("rule {}: {}", rule.number, model::summary(rule));
}

std::vector<LogIdentity> log_identities(const sema::Policy& policy) {
  std::vector<LogIdentity> all;
  all.reserve(policy.rules.size() + 32);
  Identities identities;
  const auto add = [&](std::string label) {
    std::string identity = identities.take(label);
    all.push_back({std::move(identity), std::move(label), {}});
  };
  // First those that are always the same, so that no rule can take what is theirs.
  for (std::string_view label :
       {"policy: no rule took the packet", "protection: new connection without SYN", "protection: fragments",
        "protection: invalid packets", "blocklist", "blocked for a time", "rp-filter", "limit: syn", "limit: udp",
        "queue of a connection"})
    add(std::string(label));
  for (const Probe& probe : kProbes) add(fmt::format("protection: probe {}", probe.name));
  for (const model::Spoof spoof : sema::spoof_kinds())
    for (std::string_view way : {"from", "to"}) add(fmt::format("spoofing {} {}", way, sema::spoof_word(spoof)));
  add("protection: urgent data");
  for (const sema::Rule& rule : policy.rules)
    if (writes_log(*rule.source))
      all.push_back({identities.take(model::summary(*rule.source)), rule_label(*rule.source), rule.place});
  return all;
}

}  // namespace vuurmuur::compile
