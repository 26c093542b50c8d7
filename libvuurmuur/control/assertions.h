// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "control/checked_policy.h"

namespace vuurmuur::control {

/// What is checked of a tree beside its policy, by `check` and before an apply. Holds the statements of
/// rules/assertions.conf against the policy, and tells of those that are not true of it: errors. Nothing when there is
/// no such file, or when the policy has errors already. Tells also what is wrong with rules/responses.conf
/// (responses.h).
void check_assertions(CheckedPolicy& checked);

/// Whether nothing is wrong but that: statements that do not hold, or were not found to hold.
[[nodiscard]] bool fails_only_assertions(const CheckedPolicy& checked);

}  // namespace vuurmuur::control
