// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

namespace vuurmuur::conf {

/// Runs the program with its arguments (without its own name) and gives its exit status.
[[nodiscard]] int run(const std::vector<std::string>& words);

}  // namespace vuurmuur::conf
