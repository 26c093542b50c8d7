// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The rules, in their order. `number`: the rule to begin at.
[[nodiscard]] std::unique_ptr<app::Screen> make_rules(std::uint32_t number = 1);

}  // namespace vuurmuur::screens
