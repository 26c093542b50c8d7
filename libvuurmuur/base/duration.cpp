// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "base/strings.h"

namespace vuurmuur::base {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits{{{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t unit = 1;
  for (const Unit& row : kUnits) {
    if (!text.ends_with(row.letter)) continue;
    unit = row.seconds;
    text.remove_suffix(1);
    break;
  }
  const auto count = parse_number<std::uint32_t>(text);
  if (!count || *count == 0) return std::nullopt;
  return std::chrono::seconds(*count * unit);
}

std::string duration_text(std::chrono::nanoseconds duration) {
  std::int64_t seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  std::string text;
  int units = 0;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = seconds / unit.seconds;
    seconds %= unit.seconds;
    if (count == 0 && units == 0) continue;
    if (count != 0) text += fmt::format("{}{}{}", text.empty() ? "" : " ", count, unit.letter);
    if (++units == 2) break;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace vuurmuur::base
