// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>

#include "analyse/deep_check.h"
#include "control/checked_policy.h"
#include "diag/diagnostic.h"

namespace vuurmuur::control {

/// Holds the rules of a policy against each other (analyse::check_deep()) and tells what comes out of it: warnings. The
/// statements of the tree's rules/assertions.conf tell what is meant so. Nothing when the policy has errors: what
/// cannot be applied means nothing.
void check_deep(const CheckedPolicy& checked, analyse::DeepOptions options, diag::Sink& sink);

/// How long an apply waits for that at most, and the kernel rules of a family that a policy has at most when it is done:
/// so many take about half of that time on two cores (vuurmuur_bench deep), and are not begun in vain.
inline constexpr std::chrono::milliseconds kMostTimeBeforeApply{900};
inline constexpr std::uint64_t kMostWaysBeforeApply = 30'000;

/// All that is to be told of a policy before it is applied: what was found when it was read, and, as far as the time
/// goes, what its rules held against each other tell. Overlaps are only counted.
[[nodiscard]] diag::Sink findings_before_apply(const CheckedPolicy& checked);

}  // namespace vuurmuur::control
