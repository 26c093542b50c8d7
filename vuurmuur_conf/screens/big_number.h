// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "ui/canvas.h"

namespace vuurmuur::screens {

/// Rows that draw_big() takes.
inline constexpr int kBigRows = 5;

/// A number in figures of five rows, in the middle of the canvas' first rows.
void draw_big(ui::Canvas canvas, std::int64_t number, ui::Style style);

}  // namespace vuurmuur::screens
