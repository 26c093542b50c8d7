// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "analyse/box_pile.h"

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
/// What is in both; nothing when they share no packet.
[[nodiscard]] inline std::optional<RankBox> common(const RankBox& a, const RankBox& b) {
  RankBox both;
  for (std::size_t f = 0; f < kFields; ++f) {
    both.first[f] = std::max(a.first[f], b.first[f]);
    both.last[f] = std::min(a.last[f], b.last[f]);
    if (both.last[f] < both.first[f]) return std::nullopt;
  }
  return both;
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
  explicit Ranks(const BoxPile& boxes);
  explicit Ranks(std::span<const Box> boxes);

  /// Of one of those boxes.
  [[nodiscard]] RankBox of(const Box& box) const;
  /// Of the first ones of a pile that they were made of, in its order.
  [[nodiscard]] std::vector<RankBox> of(const BoxPile& boxes, std::size_t count) const;
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
