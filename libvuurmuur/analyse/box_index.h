// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/ranks.h"

namespace vuurmuur::analyse {

/// Which boxes of an index are asked about: all, unless it says more.
struct Among {
  std::uint32_t from = 0, before = UINT32_MAX;  ///< those with numbers from the one to before the other
  const std::vector<bool>* only = nullptr;      ///< those with a bit there, by number
  std::uint32_t without_from = UINT32_MAX, without_before = UINT32_MAX;  ///< but none of these

  [[nodiscard]] bool has(std::uint32_t number) const {
    return number >= from && number < before && (only == nullptr || (*only)[number]) &&
           (number < without_from || number >= without_before);
  }
};

/// Boxes in an order, found by what they overlap: a tree of bounding boxes, each half of what stands above it.
class BoxIndex {
 public:
  /// The boxes must outlive it.
  explicit BoxIndex(std::span<const RankBox> boxes);

  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// One of the boxes that holds a point, or kNone.
  [[nodiscard]] std::uint32_t any(const RankPoint& point, const Among& among) const;
  /// The first one of them that holds a point, or kNone.
  [[nodiscard]] std::uint32_t first(const RankPoint& point, const Among& among = {}) const;
  /// Appends the numbers of those that overlap a box, in no order, at most so many; false when there are more.
  [[nodiscard]] bool overlapping(const RankBox& box, const Among& among, std::size_t at_most,
                                 std::vector<std::uint32_t>& to) const;

 private:
  struct Node {
    RankBox bounds;
    std::uint32_t least = 0;             ///< the smallest number below it
    std::uint32_t first = 0, count = 0;  ///< of a leaf: its numbers in order_
    std::uint32_t right = 0;             ///< of another node; the left one stands behind it
  };
  [[nodiscard]] std::size_t widest_field(std::span<const std::uint32_t> own, std::size_t step) const;
  void build(std::uint32_t first, std::uint32_t count);

  std::span<const RankBox> boxes_;
  std::vector<std::uint32_t> order_;
  std::vector<Node> nodes_;
};

}  // namespace vuurmuur::analyse
