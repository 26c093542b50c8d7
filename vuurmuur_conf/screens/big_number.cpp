// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/big_number.h"

#include <array>
#include <string>
#include <string_view>

namespace vuurmuur::screens {
namespace {

/// Three dots across and five down, each two cells wide; 'x' is drawn.
constexpr std::array<std::array<std::string_view, kBigRows>, 10> kFigures{{
    {"xxx", "x x", "x x", "x x", "xxx"},
    {" xx", "  x", "  x", "  x", "  x"},
    {"xxx", "  x", "xxx", "x  ", "xxx"},
    {"xxx", "  x", "xxx", "  x", "xxx"},
    {"x x", "x x", "xxx", "  x", "  x"},
    {"xxx", "x  ", "xxx", "  x", "xxx"},
    {"xxx", "x  ", "xxx", "x x", "xxx"},
    {"xxx", "  x", "  x", "  x", "  x"},
    {"xxx", "x x", "xxx", "x x", "xxx"},
    {"xxx", "x x", "xxx", "  x", "xxx"},
}};
constexpr int kColumns = 8;  ///< of a figure with the gap behind it

}  // namespace

void draw_big(ui::Canvas canvas, std::int64_t number, ui::Style style) {
  const std::string figures = std::to_string(number < 0 ? 0 : number);
  int column = (canvas.columns() - static_cast<int>(figures.size()) * kColumns + 2) / 2;
  for (const char figure : figures) {
    for (int row = 0; row < kBigRows; ++row) {
      const std::string_view dots = kFigures[static_cast<std::size_t>(figure - '0')][static_cast<std::size_t>(row)];
      for (int dot = 0; dot < 3; ++dot)
        if (dots[static_cast<std::size_t>(dot)] == 'x') canvas.put(row, column + 2 * dot, "██", style);
    }
    column += kColumns;
  }
}

}  // namespace vuurmuur::screens
