// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "ir/marks.h"
#include "prove/mark_value.h"
#include "prove/packet_marks.h"
#include "prove/region.h"

namespace vuurmuur::prove {

/// What rules ask of marks anywhere, and which bits they copy from one mark to the other.
struct AskedAnywhere {
  std::vector<std::uint32_t> connection_masks{};
  std::vector<MarkTest> packet_tests{};
  std::uint32_t saved = 0;     ///< bits of the packet mark
  std::uint32_t restored = 0;  ///< bits of the connection mark
};

/// The bits of a mark in another order, those first that most and the smallest masks have: what rules ask for then is
/// few ranges.
class BitOrder {
 public:
  explicit BitOrder(const std::vector<std::uint32_t>& masks);

  [[nodiscard]] std::uint32_t ordered(std::uint32_t mark) const;
  /// The mark that is `number` in this order.
  [[nodiscard]] std::uint32_t mark_of(std::uint32_t number) const;

 private:
  std::array<std::uint8_t, 32> bits_{};  ///< of marks, from the highest of a number down
};

/// Both marks of packets where their way through a chain begins, as situations tell them: the connection mark by its
/// bits in the order of a BitOrder, the packet mark by its class. Programs that are compared need the same.
class MarkSpace {
 public:
  MarkSpace() : MarkSpace(AskedAnywhere()) {}
  explicit MarkSpace(const AskedAnywhere& asked);

  /// What a situation has of connection marks for which (mark & mask) == value, or, inverted, is not. Nothing: there
  /// are more than kMostMarkWays.
  [[nodiscard]] std::optional<std::vector<Situation>> with_connection_mark(const Situation& when,
                                                                           const AskedBits& asked,
                                                                           bool is_inverted) const;
  /// The classes of such packet marks; nothing: they are not told apart.
  [[nodiscard]] std::optional<std::uint64_t> packet_classes(const AskedBits& asked) const;

  /// Marks of a situation that has one kind and number, and of its first class.
  [[nodiscard]] std::uint32_t connection_mark_of(const Situation& when) const;
  [[nodiscard]] std::uint32_t packet_mark_of(const Situation& when) const;

 private:
  ir::MarkLayout layout_;  ///< all 32 bits, the two highest as a kind
  BitOrder order_;
  PacketMarks packet_;
};

}  // namespace vuurmuur::prove
