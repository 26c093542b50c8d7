// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/ranks.h"

namespace vuurmuur::analyse {

/// Boxes in an order, found by what they overlap: a tree of bounding boxes, each half of what stands above it.
class BoxIndex {
 public:
  /// The boxes must outlive it.
  explicit BoxIndex(std::span<const RankBox> boxes);

  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// A box before number `before` that holds a point, or kNone.
  [[nodiscard]] std::uint32_t any_before(const RankPoint& point, std::uint32_t before) const;
  /// The first box of all that holds a point, or kNone.
  [[nodiscard]] std::uint32_t first(const RankPoint& point) const;
  /// Appends the numbers of those before `before` that overlap a box, at most so many; false when there are more.
  [[nodiscard]] bool overlapping(const RankBox& box, std::uint32_t before, std::size_t at_most,
                                 std::vector<std::uint32_t>& to) const;

 private:
  struct Node {
    RankBox bounds;
    std::uint32_t least = 0;             ///< the smallest number below it
    std::uint32_t first = 0, count = 0;  ///< of a leaf: its numbers in order_
    std::uint32_t right = 0;             ///< of another node; the left one stands behind it
  };
  void build(std::uint32_t first, std::uint32_t count);

  std::span<const RankBox> boxes_;
  std::vector<std::uint32_t> order_;
  std::vector<Node> nodes_;
};

}  // namespace vuurmuur::analyse
