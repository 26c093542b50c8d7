// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/log_identity.h"

#include <map>
#include <set>

#include "compile/compile.h"
#include "ir/log_prefix.h"
#include "policy_builder.h"
#include "sema/spoof.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

/// The prefixes of all rules that log, by the label of their origin.
std::multimap<std::string, std::string> prefixes(const ir::Ruleset& ruleset) {
  std::multimap<std::string, std::string> all;
  for (const net::Family family : net::kFamilies)
    for (const ir::Table& table : ruleset.rules(family).tables)
      for (const ir::Chain& chain : table.chains())
        for (const ir::Rule& rule : chain.rules)
          if (const auto* log = std::get_if<ir::NflogTarget>(&rule.target))
            all.emplace(ruleset.origin(rule.origin).label, log->prefix);
  return all;
}

/// Everything that can log does.
test::PolicyBuilder with_all_logs() {
  test::PolicyBuilder builder;
  builder.model.settings.syn_limit.enabled = builder.model.settings.udp_limit.enabled = true;
  builder.model.blocklist.clear();
  for (const model::Spoof spoof : sema::spoof_kinds()) builder.model.networks[0].spoof_protections.push_back({spoof});
  builder.model.interfaces[0].protections.rp_filter = true;
  builder.add_rule(model::Action::Accept).options.log = true;
  builder.add_rule(model::Action::Log);
  builder.add_queue_rule(3);
  builder.model.rules.back().options.queue_drop_urgent = true;
  return builder;
}

std::string identity_of_rule(test::PolicyBuilder& builder, std::uint32_t number) {
  const sema::Policy policy = builder.resolve();
  for (const compile::LogIdentity& each : compile::log_identities(policy))
    if (each.label.starts_with("rule " + std::to_string(number) + ":")) return each.identity;
  return {};
}

}  // namespace

TEST_CASE("every rule that logs says in its prefix which one it is") {
  test::PolicyBuilder builder = with_all_logs();
  const sema::Policy policy = builder.resolve();
  std::map<std::string, std::string> labels;  // by identity
  for (const compile::LogIdentity& each : compile::log_identities(policy)) {
    INFO(each.label);
    CHECK(labels.emplace(each.identity, each.label).second);
  }
  const auto all = prefixes(compile::compile(policy, {.timed_blocks = true, .verify = true}).ruleset);
  CHECK(all.size() > 40);
  for (const auto& [label, prefix] : all) {
    INFO(label << " '" << prefix << "'");
    const auto parts = ir::read_log_prefix(prefix);
    REQUIRE(parts.has_value());
    CHECK(labels.at(std::string(parts->identity)) == label);
  }
}

TEST_CASE("a rule keeps its identity when others come before it") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Drop).options.log = true;
  const std::string before = identity_of_rule(builder, 1);
  builder.model.rules[0].number = 2;
  model::Rule first = builder.model.rules[0];
  first.number = 1;
  first.action = model::Action::Accept;
  builder.model.rules.insert(builder.model.rules.begin(), first);
  CHECK(identity_of_rule(builder, 2) == before);
  CHECK(identity_of_rule(builder, 1) != before);
}

TEST_CASE("rules that say the same have identities of their own, and those that do not log have none") {
  test::PolicyBuilder builder;
  for (int i = 0; i < 5; ++i) builder.add_rule(model::Action::Drop).options.log = true;
  builder.add_rule(model::Action::Drop);
  std::set<std::string> seen;
  for (std::uint32_t number = 1; number <= 5; ++number) CHECK(seen.insert(identity_of_rule(builder, number)).second);
  CHECK(identity_of_rule(builder, 6).empty());
}
