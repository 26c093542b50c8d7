// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compile/compile.h"
#include "compile/lowered_rules.h"
#include "ir/marks.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// What a pass reads and writes: the rules of one family. The passes run one after the other on the same ruleset; each
/// appends to the chains that those before it made, so their order is the order of the checks in the kernel. The first
/// origins of the ruleset are those of the policy's rules, in their order.
struct Context {
  const sema::Policy& policy;
  const Options& options;
  net::Family family;
  ir::Ruleset& ruleset;
  ir::MarkLayout layout;
  LoweredRules* kept = nullptr;  ///< what was lowered before, and is to be kept; null when nobody keeps it

  [[nodiscard]] const model::Settings& settings() const { return *policy.settings; }
  [[nodiscard]] ir::FamilyRules& rules() { return ruleset.rules(family); }
  [[nodiscard]] ir::Table& table(ir::TableName name) { return rules().table(name); }
};

/// A step of the compile.
struct Pass {
  enum class Scope : std::uint8_t { Family, Ruleset };
  std::string_view name;
  std::string_view what;
  void (*run)(Context&);
  Scope scope = Scope::Family;  ///< of what it is a part: for Ruleset, Context::family is not looked at
};

/// A log record of ours: group, prefix and how often.
struct LogStyle {
  std::string prefix;            ///< "vrmr: DROP in policy "
  std::uint32_t per_second = 1;  ///< 0: no limit
  std::uint32_t burst = 2;
};

/// The burst that goes with so many log records a second: twice as many, as far as the kernel counts.
[[nodiscard]] std::uint32_t log_burst(std::uint32_t per_second);

/// Appends one log rule (target NFLOG in the group of the settings) to a chain.
void append_log(Context& context, ir::Table& table, ir::ChainId chain, const LogStyle& style, ir::OriginId origin);

/// A target that drops: DROP itself, or, when logged, a goto into a chain of that name that logs and drops. The chain
/// is made on first use.
[[nodiscard]] ir::Target drop_target(Context& context, ir::Table& table, std::string_view chain, bool logged,
                                     const LogStyle& style, ir::OriginId origin);

/// The name of the chain that logs and drops what anti-spoofing finds: "VRMR-D-iana-0-8".
[[nodiscard]] std::string spoof_chain(model::Spoof spoof);

/// Our chain behind a built-in one, made on first use together with the jump to it: "VRMR-FORWARD".
[[nodiscard]] ir::ChainId hook_chain(Context& context, ir::Table& table, ir::Hook hook);

/// The chain of table filter in which the user's rules for new connections stand: "VRMR-FORWARD-NEW".
[[nodiscard]] ir::ChainId rules_chain(ir::Table& filter, ir::Hook hook);

/// The hooks of table filter.
inline constexpr std::array<ir::Hook, 3> kFilterHooks{ir::Hook::Input, ir::Hook::Forward, ir::Hook::Output};

}  // namespace vuurmuur::compile
