// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/box_pile.h"

namespace vuurmuur::analyse {
namespace {

std::uint64_t hash_of(const Interval& interval) {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t hash = (interval.first.low ^ interval.first.high) * kOdd;
  hash = (hash ^ hash >> 32 ^ interval.last.low ^ interval.last.high) * kOdd;
  return hash ^ hash >> 32;
}

}  // namespace

void BoxPile::Table::grow() {
  constexpr std::size_t kFirst = 64;
  slots.assign(slots.empty() ? kFirst : 2 * slots.size(), 0);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    std::size_t at = hash_of(intervals[i]) & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
}

std::uint32_t BoxPile::Table::place(const Interval& interval) {
  if (!intervals.empty() && intervals[latest] == interval) return latest;
  if (2 * intervals.size() >= slots.size()) grow();
  const std::size_t mask = slots.size() - 1;
  std::size_t at = hash_of(interval) & mask;
  for (; slots[at] != 0; at = (at + 1) & mask)
    if (intervals[slots[at] - 1] == interval) return latest = slots[at] - 1;
  intervals.push_back(interval);
  slots[at] = static_cast<std::uint32_t>(intervals.size());
  return latest = slots[at] - 1;
}

void BoxPile::add(const Box& box) {
  Numbers& numbers = boxes_.emplace_back();
  for (std::size_t f = 0; f < kFields; ++f) numbers[f] = tables_[f].place(box.fields[f]);
}

}  // namespace vuurmuur::analyse
