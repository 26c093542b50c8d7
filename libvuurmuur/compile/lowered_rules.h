// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::compile {

/// The ways in which packets of a chain of table filter meet a rule of the policy: rules that have conditions only.
struct ChainConditions {
  ir::Hook hook = ir::Hook::Input;
  std::vector<ir::Rule> rules;
};

/// The conditions of a rule of the policy, in the order in which they are appended.
using LoweredRule = std::vector<ChainConditions>;

/// The rules of a policy, by their place in it, as they were lowered for one family; nothing for those that are to be
/// lowered.
struct LoweredRules {
  std::vector<std::optional<LoweredRule>> rules;
  std::size_t count = 0;  ///< of rules that were lowered since this was set to 0
};

}  // namespace vuurmuur::compile
