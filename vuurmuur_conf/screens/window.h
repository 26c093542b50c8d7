// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

#include "ui/canvas.h"

namespace vuurmuur::screens {

/// A window in the middle of a canvas: its place wiped and framed. Gives what is inside the frame.
[[nodiscard]] ui::Canvas window(ui::Canvas canvas, ui::Size inside, std::string_view title);

}  // namespace vuurmuur::screens
