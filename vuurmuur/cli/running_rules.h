// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "base/result.h"
#include "cli/saved_rules.h"
#include "ir/ruleset.h"

namespace vuurmuur::cli {

/// Rules of both families that can be held against each other, by family (net::kFamilies). Null: there is no such
/// family.
using RulesOfFamilies = std::array<std::unique_ptr<SavedRules>, 2>;

/// What xtables of the kernel does, whoever loaded it, and the elements of our sets that rules ask, as they are now.
/// Other sets, and who is blocked for a time, stay names. A match or target that this program does not know is one that
/// only the moment tells. Changes nothing.
[[nodiscard]] base::Result<RulesOfFamilies> read_running_rules(apply::Kernel& kernel,
                                                               const std::string& runtime_directory);

/// A compiled ruleset in the same form, for the families that are there.
[[nodiscard]] RulesOfFamilies rules_in_text(const ir::Ruleset& ruleset, apply::Kernel& kernel);

}  // namespace vuurmuur::cli
