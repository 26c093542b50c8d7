// SPDX-License-Identifier: GPL-2.0-or-later
#include "volumes/period.h"

#include <algorithm>
#include <ctime>

namespace vuurmuur::volumes {
namespace {

std::int64_t rounded_down(std::int64_t time, std::int64_t step) {
  const std::int64_t rest = time % step;
  return time - (rest < 0 ? rest + step : rest);
}

/// Midnight of the day, or of the first day of the month. Where a zone sets its clocks at midnight, mktime(3) finds the
/// first moment of the day.
std::int64_t start_of_day(std::int64_t time, bool first_of_month) {
  const std::time_t moment = static_cast<std::time_t>(time);
  std::tm parts{};
  if (::localtime_r(&moment, &parts) == nullptr) return rounded_down(time, 86400);
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  parts.tm_isdst = -1;
  if (first_of_month) parts.tm_mday = 1;
  return static_cast<std::int64_t>(std::mktime(&parts));
}

}  // namespace

std::string_view to_string(Period period) {
  switch (period) {
    case Period::Minute: return "minute";
    case Period::Hour: return "hour";
    case Period::Day: return "day";
    case Period::Month: return "month";
  }
  return {};
}

std::optional<Period> period_named(std::string_view word) {
  const auto found = std::ranges::find(kPeriods, word, [](Period period) { return to_string(period); });
  return found == kPeriods.end() ? std::nullopt : std::optional(*found);
}

std::int64_t start_of(Period period, std::int64_t time) {
  switch (period) {
    case Period::Minute: return rounded_down(time, 60);
    case Period::Hour: return rounded_down(time, 3600);
    case Period::Day: return start_of_day(time, /*first_of_month=*/false);
    case Period::Month: return start_of_day(time, /*first_of_month=*/true);
  }
  return time;
}

}  // namespace vuurmuur::volumes
