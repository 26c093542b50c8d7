// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "ir/ruleset.h"

namespace vuurmuur::ir {

/// The whole ruleset as stable text, one rule a line with its origin, for --dump-ir and golden tests. Not a format that
/// any program reads; equal rulesets give equal text and different ones different text.
[[nodiscard]] std::string print(const Ruleset& ruleset);

}  // namespace vuurmuur::ir
