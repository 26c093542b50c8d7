// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "base/result.h"
#include "cli/compared_policies.h"
#include "cli/running_rules.h"
#include "prove/saved_diff.h"

namespace vuurmuur::cli {

/// A policy held against what the kernel runs.
struct RunningDiff {
  RulesOfFamilies meant, running;
  std::array<prove::SavedDiff, 2> by_family;  ///< net::kFamilies; that before is what the policy says
  std::vector<std::string> not_looked_at;     ///< what else may let packets fall or translate them, as sentences

  [[nodiscard]] bool is_equal() const;
  [[nodiscard]] bool has_rows() const;
};

/// Compiles a policy for the kernel as it is now, and compares it with the kernel's tables of xtables. Error code
/// ENOTSUP: our rules are in nf_tables.
[[nodiscard]] base::Result<RunningDiff> diff_with_kernel(apply::Kernel& kernel, const std::string& runtime_directory,
                                                         const CheckedPolicy& checked);

/// For people: what the policy does, and what the kernel does, with an example for each pair of rules.
[[nodiscard]] std::string text_of(const RunningDiff& diff, const ComparedPolicy& policy);

/// {"policy", "equal", "rows": [{"family", "table", "chain", "packet", "policy": {"verdict", "rule", "text"}, "kernel":
/// …}], "not_modelled", "unfinished", "not_looked_at"}; "rule" is the number of the policy's rule, null of others.
[[nodiscard]] nlohmann::ordered_json json_of(const RunningDiff& diff, const ComparedPolicy& policy);

}  // namespace vuurmuur::cli
