// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/box.h"

namespace vuurmuur::analyse {

/// Many boxes in little room: most share the intervals of their fields with others, so that a box is a number for each.
class BoxPile {
 public:
  using Numbers = std::array<std::uint32_t, kFields>;  ///< places in intervals()

  void add(const Box& box);
  [[nodiscard]] std::size_t size() const { return boxes_.size(); }
  /// In the order in which they were added.
  [[nodiscard]] std::span<const Numbers> boxes() const { return boxes_; }
  /// The different ones of a field.
  [[nodiscard]] std::span<const Interval> intervals(std::size_t field) const { return tables_[field].intervals; }

 private:
  struct Table {
    std::vector<Interval> intervals;
    std::vector<std::uint32_t> slots;  ///< a hash table of places in them, one more; 0 is none
    std::uint32_t latest = 0;          ///< the place that was given last

    [[nodiscard]] std::uint32_t place(const Interval& interval);
    void grow();
  };

  std::array<Table, kFields> tables_;
  std::vector<Numbers> boxes_;
};

}  // namespace vuurmuur::analyse
