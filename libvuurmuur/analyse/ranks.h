// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/box.h"

namespace vuurmuur::analyse {

/// A box in ranks: numbers of the pieces that all ends of a set of boxes cut each field into. Nothing is lost by that,
/// for no box tells two values of a piece apart; and an IPv6 address costs what an IPv4 address does.
struct RankBox {
  std::array<std::uint32_t, kFields> first{}, last{};
};
using RankPoint = std::array<std::uint32_t, kFields>;

[[nodiscard]] inline bool overlap(const RankBox& a, const RankBox& b) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (a.first[f] > b.last[f] || b.first[f] > a.last[f]) return false;
  return true;
}
[[nodiscard]] inline bool contains(const RankBox& outer, const RankBox& inner) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (inner.first[f] < outer.first[f] || inner.last[f] > outer.last[f]) return false;
  return true;
}
[[nodiscard]] inline bool contains(const RankBox& box, const RankPoint& point) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (point[f] < box.first[f] || point[f] > box.last[f]) return false;
  return true;
}

/// How the fields are cut.
class Ranks {
 public:
  explicit Ranks(std::span<const Box> boxes);

  /// Of one of those boxes.
  [[nodiscard]] RankBox of(const Box& box) const;
  /// Of any packet.
  [[nodiscard]] RankPoint of(const Point& point) const;
  /// Back from of().
  [[nodiscard]] Box box(const RankBox& ranks) const;
  /// The first value of each piece.
  [[nodiscard]] Point point(const RankPoint& ranks) const;

 private:
  [[nodiscard]] std::uint32_t rank(std::size_t field, const Value& value) const;

  std::array<std::vector<Value>, kFields> cuts_;  ///< where a piece begins; the first is 0
};

}  // namespace vuurmuur::analyse
