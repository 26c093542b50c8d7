// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace vuurmuur::ui {

std::string sparkline(std::span<const double> values, int columns) {
  if (columns <= 0) return {};
  constexpr std::array kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto room = static_cast<std::size_t>(columns);
  if (values.size() > room) values = values.last(room);
  const double most = values.empty() ? 0 : *std::ranges::max_element(values);
  std::string text(room - values.size(), ' ');
  for (const double value : values) {
    const double height = most > 0 && value > 0 ? std::ceil(value / most * (kBars.size() - 1)) : 0;
    text += kBars[static_cast<std::size_t>(height)];
  }
  return text;
}

}  // namespace vuurmuur::ui
