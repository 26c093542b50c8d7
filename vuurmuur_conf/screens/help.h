// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "app/binding.h"
#include "app/screen.h"

namespace vuurmuur::screens {

/// All actions of a screen with their keys, found by typing; Enter does the selected one on the screen below.
[[nodiscard]] std::unique_ptr<app::Screen> make_help(const app::Screen& of);

/// "Enter, e".
[[nodiscard]] std::string key_names(const app::Binding& binding);

}  // namespace vuurmuur::screens
