// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/verdicts.h"

#include <fmt/format.h>

#include <algorithm>

#include "compile/log_identity.h"
#include "sema/rate.h"

namespace vuurmuur::compile {
namespace {

/// Of the limit match when nothing is said (iptables-extensions(8)).
constexpr std::uint32_t kDefaultBurst = 5;

}  // namespace

ir::OriginId origin_of(const Context& context, const sema::Rule& rule) {
  return static_cast<ir::OriginId>(&rule - context.policy.rules.data());
}

std::string log_prefix(const model::Rule& rule) {
  const model::Action action = *rule.action;
  // Log readers know the records of a log rule by the word NFLOG.
  const auto word = action == model::Action::Log ? to_string(model::Action::Nflog) : to_string(action);
  std::string upper(word);
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  return fmt::format("vrmr: {} {} ", upper, rule.options.log_prefix ? rule.options.log_prefix->value : std::string());
}

ir::Target with_log_and_limit(Context& context, ir::Table& table, const sema::Rule& rule, ir::OriginId origin,
                              ir::Target verdict, bool is_final) {
  const model::Options& options = rule.source->options;
  const bool logged = options.log.has_value();
  const bool limited = options.limit && options.limit->value.count != 0;
  if (!logged && !limited) return verdict;
  const std::string name = fmt::format("{}R{}", ir::kOwnPrefix, rule.source->number);
  const ir::ChainId chain = table.chain_named(name);
  ir::ChainId taken = chain;
  if (limited) {
    // One bucket for all alternatives of the rule: a packet over the limit falls off the end and goes on behind the
    // jump.
    const model::RateLimit& rate = options.limit->value;
    ir::Rule admit{.origin = origin};
    const std::uint32_t burst = options.burst ? options.burst->value : std::min(kDefaultBurst, sema::max_burst(rate));
    admit.matches.push_back(ir::LimitMatch{rate.count, static_cast<ir::LimitMatch::Unit>(rate.unit), burst});
    if (logged) {
      taken = table.chain_named(name + "-ADMIT");
      admit.target = is_final ? ir::Target{ir::GotoTarget{taken}} : ir::Target{ir::JumpTarget{taken}};
    } else {
      admit.target = verdict;
    }
    table.append(chain, std::move(admit));
  }
  if (logged) {
    const std::uint32_t rate = options.log_limit ? options.log_limit->value : 0;
    append_log(context, table, taken, {log_prefix(*rule.source), rate, log_burst(rate)}, origin);
    table.append(taken, ir::Rule{.target = std::move(verdict), .origin = origin});
  }
  if (limited || !is_final) return ir::JumpTarget{chain};
  return ir::GotoTarget{chain};
}

}  // namespace vuurmuur::compile
