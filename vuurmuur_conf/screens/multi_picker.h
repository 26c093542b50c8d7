// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/screen.h"
#include "screens/picker.h"

namespace vuurmuur::screens {

/// Any number of many: Space takes one or leaves it, typing finds it by some of its letters, Enter ends. The chosen
/// ones come in the order of the choices; what is chosen and no choice (`chosen` may have such) goes first.
[[nodiscard]] std::unique_ptr<app::Screen> make_multi_picker(
    std::string title, std::vector<Choice> choices, std::vector<std::string> chosen,
    std::function<void(app::Context&, const std::vector<std::string>&)> on_choices);

}  // namespace vuurmuur::screens
