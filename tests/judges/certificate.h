// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Holds answers of the analysis against the boxes they are about. It includes nothing of libvuurmuur and finds out
// nothing the same way: no ranks, no index, no probes; numbers of 128 bits as they are, lists read from the top, and
// regions that are cut in two where a box ends, instead of boxes that are taken away.
namespace vuurmuur::judges {

__extension__ using Number = unsigned __int128;
inline constexpr std::size_t kDimensions = 10;

/// Both ends included.
struct Range {
  Number first = 0, last = 0;
};
using Box = std::array<Range, kDimensions>;
using Point = std::array<Number, kDimensions>;

/// Stands for the policy of the chain, behind all rules.
inline constexpr std::size_t kNobody = SIZE_MAX;

/// One box of a rule.
struct Entry {
  std::size_t rule = kNobody;
  bool takes = false;  ///< nothing of the box gets further
  Box box;
};
/// In the order of the rules.
using List = std::vector<Entry>;

[[nodiscard]] bool holds(const Box& box, const Point& point);
[[nodiscard]] std::optional<Box> common(const Box& a, const Box& b);

/// The first rule that takes a packet, or kNobody.
[[nodiscard]] std::size_t taker(const List& list, const Point& point);
/// The rules before it that hold the packet and take nothing.
[[nodiscard]] std::vector<std::size_t> passed(const List& list, const Point& point);

/// A packet of a region that is in no box; nothing: together they hold all of it.
[[nodiscard]] std::optional<Point> outside(const Box& region, std::vector<Box> boxes);

// What is wrong with an answer, in words; empty when it is right.

/// "The rules `by`, all of them before `rule`, leave it nothing."
[[nodiscard]] std::string fault_of_never(const List& list, std::size_t rule, std::span<const std::size_t> by);
/// "No rule before `rule` takes this packet of its."
[[nodiscard]] std::string fault_of_witness(const List& list, std::size_t rule, const Point& witness);
/// "All of this region is the rule's, and no rule before it takes anything of it."
[[nodiscard]] std::string fault_of_region(const List& list, std::size_t rule, const Box& region);
/// "Nothing of this region is the rule's, when those before it have taken theirs." `besides` is left out of it.
[[nodiscard]] std::string fault_of_nothing(const List& list, std::size_t rule, const Box& region,
                                           std::span<const Box> besides = {});

/// What one rule takes before and another one after.
struct Row {
  std::size_t before = kNobody, after = kNobody;
  std::vector<Box> boxes;
  bool is_outline = false;  ///< the packets are in the boxes, and not all of these are such packets
  std::optional<Point> example;
};

/// Two lists, in a world of packets where two rules do the same or they do not.
struct Comparison {
  const List& before;
  const List& after;
  Box world;
  std::vector<Box> impossible;  ///< no such packets are asked about
  std::function<bool(std::size_t before, std::size_t after)> differ;
};

/// "The packets of this row go from the one rule to the other, and those beside it do not."
[[nodiscard]] std::string fault_of_row(const Comparison& lists, const Row& row);
/// "What is in no row is treated alike."
[[nodiscard]] std::string fault_of_rest(const Comparison& lists, std::span<const Row> rows);

}  // namespace vuurmuur::judges
