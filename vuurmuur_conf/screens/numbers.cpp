// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/numbers.h"

#include <fmt/format.h>

#include <array>

namespace vuurmuur::screens {

std::string short_number(double number) {
  if (number < 9999.5) return fmt::format("{:.0f}", number);
  constexpr std::array kUnits{'k', 'M', 'G', 'T', 'P', 'E'};
  std::size_t unit = 0;
  double value = number / 1000;
  // As it will be rounded: 999.96k is 1.0M.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return value < 99.95 ? fmt::format("{:.1f}{}", value, kUnits[unit]) : fmt::format("{:.0f}{}", value, kUnits[unit]);
}

std::string short_time(std::int64_t seconds) {
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86400);
}

}  // namespace vuurmuur::screens
