// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <string>

namespace vuurmuur::ui {

/// The last values as bars of eight heights, one a column, the newest at the right; the highest of them fills its cell.
/// Values below 0 count as 0; a value that is not 0 has a bar.
[[nodiscard]] std::string sparkline(std::span<const double> values, int columns);

}  // namespace vuurmuur::ui
