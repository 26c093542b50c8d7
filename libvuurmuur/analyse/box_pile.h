// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "base/numbered.h"

namespace vuurmuur::analyse {

struct HashOfInterval {
  [[nodiscard]] std::uint64_t operator()(const Interval& interval) const {
    constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t hash = (interval.first.low ^ interval.first.high) * kOdd;
    hash = (hash ^ hash >> 32 ^ interval.last.low ^ interval.last.high) * kOdd;
    return hash ^ hash >> 32;
  }
};
/// Intervals of a field, each kept once.
using Intervals = base::Numbered<Interval, HashOfInterval>;

/// Many boxes in little room: most share the intervals of their fields with others, so that a box is a number for each.
class BoxPile {
 public:
  using Numbers = std::array<std::uint32_t, kFields>;  ///< places in intervals()

  void add(const Box& box);
  [[nodiscard]] std::size_t size() const { return boxes_.size(); }
  /// In the order in which they were added.
  [[nodiscard]] std::span<const Numbers> boxes() const { return boxes_; }
  /// The different ones of a field.
  [[nodiscard]] std::span<const Interval> intervals(std::size_t field) const { return intervals_[field].all(); }

 private:
  std::array<Intervals, kFields> intervals_;
  std::vector<Numbers> boxes_;
};

}  // namespace vuurmuur::analyse
