// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/assert.h"

namespace vuurmuur::backend {
namespace {

using Unit = ir::LimitMatch::Unit;

struct UnitRow {
  Unit unit;
  std::string_view name;
  std::uint32_t ticks;  ///< of 1/10,000 second
};

/// Largest first, which is the order in which iptables tries them.
constexpr std::array<UnitRow, 4> kUnits{{{Unit::Day, "day", 864'000'000},
                                         {Unit::Hour, "hour", 36'000'000},
                                         {Unit::Minute, "min", 600'000},
                                         {Unit::Second, "sec", 10'000}}};

constexpr std::uint64_t kHashlimitTicks = 1'000'000;

const UnitRow& row_of(Unit unit) {
  return *std::find_if(kUnits.begin(), kUnits.end(), [&](const UnitRow& row) { return row.unit == unit; });
}

/// The unit in which iptables prints a period: the smallest that it reaches while the rounding stays small.
const UnitRow& printed_unit(std::uint32_t period) {
  std::size_t chosen = 0;
  for (std::size_t next = 1; next < kUnits.size(); ++next) {
    const std::uint32_t ticks = kUnits[next].ticks;
    if (period > ticks || ticks / period < ticks % period) break;
    chosen = next;
  }
  return kUnits[chosen];
}

std::uint32_t period_of(std::uint32_t count, std::uint32_t ticks) { return std::max(1u, ticks / std::max(1u, count)); }

}  // namespace

std::uint32_t limit_period(const ir::LimitMatch& match) {
  VM_ASSERT(match.count > 0);
  std::uint32_t period = period_of(match.count, row_of(match.unit).ticks);
  for (;;) {
    const UnitRow& unit = printed_unit(period);
    const std::uint32_t read_back = period_of(unit.ticks / period, unit.ticks);
    if (read_back == period) return period;
    period = read_back;
  }
}

ir::LimitMatch limit_of_period(std::uint32_t period) {
  const UnitRow& unit = printed_unit(std::max(1u, period));
  return {.count = unit.ticks / std::max(1u, period), .unit = unit.unit};
}

std::string limit_rate_text(std::uint32_t period) {
  const UnitRow& unit = printed_unit(period);
  return fmt::format("{}/{}", unit.ticks / period, unit.name);
}

std::uint64_t hashlimit_period(std::uint32_t per_second) {
  VM_ASSERT(per_second > 0);
  const std::uint64_t period = std::max<std::uint64_t>(1, kHashlimitTicks / per_second);
  return kHashlimitTicks / hashlimit_per_second(period);
}

std::uint64_t hashlimit_per_second(std::uint64_t period) { return kHashlimitTicks / period; }

}  // namespace vuurmuur::backend
