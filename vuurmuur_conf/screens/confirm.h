// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/screen.h"

namespace vuurmuur::screens {

/// A question over the present screen: 'y' does it, everything else that leaves does not. The lines say what follows.
[[nodiscard]] std::unique_ptr<app::Screen> make_confirm(std::string question, std::vector<std::string> lines,
                                                        std::function<void(app::Context&)> on_yes);

}  // namespace vuurmuur::screens
