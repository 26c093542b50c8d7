// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <random>

#include "support/policy_files.h"

namespace vuurmuur::kernel_test {

/// A legal policy over the objects of tests/trees/base, made by chance: rules of every action with their options, and
/// now and then a blocklist, protections or another mark field.
[[nodiscard]] Files random_policy(std::mt19937& random);

}  // namespace vuurmuur::kernel_test
