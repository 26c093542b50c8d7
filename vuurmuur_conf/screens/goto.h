// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Goes to a screen, a rule or an object that is found by typing some of its letters.
[[nodiscard]] std::unique_ptr<app::Screen> make_goto(const app::Model& model);

}  // namespace vuurmuur::screens
