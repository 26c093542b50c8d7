// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::backend::nft {

/// The names of the golden cases (tests/golden), in order.
[[nodiscard]] std::vector<std::string> golden_cases();

/// What one of them compiles to.
[[nodiscard]] ir::Ruleset compiled_golden(const std::string& name);

}  // namespace vuurmuur::backend::nft
