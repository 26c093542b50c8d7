// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <random>
#include <string>

namespace vuurmuur::test {

/// Table filter as iptables-save writes it: FORWARD and chains that call each other by jump and goto, and RETURN; each
/// only those with a larger number.
struct RandomTable {
  bool with_limits = false;  ///< also what only the moment tells
  bool with_marks = false;   ///< also rules that set, copy and ask for bits of both marks
};
[[nodiscard]] std::string random_table(std::mt19937& random, const RandomTable& what = {});

}  // namespace vuurmuur::test
