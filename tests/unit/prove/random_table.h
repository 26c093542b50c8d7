// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <random>
#include <string>

namespace vuurmuur::test {

/// Table filter as iptables-save writes it: FORWARD and chains that call each other by jump and goto, and RETURN; each
/// only those with a larger number. `with_limits`: also what only the moment tells.
[[nodiscard]] std::string random_table(std::mt19937& random, bool with_limits = false);

}  // namespace vuurmuur::test
