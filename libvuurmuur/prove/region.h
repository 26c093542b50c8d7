// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "analyse/box.h"
#include "ir/marks.h"

namespace vuurmuur::prove {

/// What packets are told apart by besides their fields. Each part is a set of values; a packet is in it with one of
/// each.
struct Situation {
  static constexpr std::uint8_t kAllStates = 0x1f, kAllKinds = 0xf;

  std::uint8_t states = kAllStates;  ///< of connection tracking, as saved::State: NEW 1 to UNTRACKED 16
  std::uint64_t flags = UINT64_MAX;  ///< bit n: TCP flags n, as in saved::FlagCondition
  std::uint8_t kinds = kAllKinds;    ///< bit n: ir::MarkKind n in our field of the connection mark
  std::uint32_t first_number = 0;    ///< the number in that field
  std::uint32_t last_number = UINT32_MAX;
  std::uint64_t packet_marks = UINT64_MAX;  ///< classes of packet marks, as PacketMarks numbers them

  [[nodiscard]] bool is_empty() const {
    return states == 0 || flags == 0 || kinds == 0 || first_number > last_number || packet_marks == 0;
  }
  bool operator==(const Situation&) const = default;
};

/// Packets of one hook and one family. Field::Chain of the box is not used.
struct Region {
  analyse::Box box;
  Situation when;
  bool operator==(const Region&) const = default;
};

/// What two regions share; nothing when they share no packet.
[[nodiscard]] std::optional<Region> common(const Region& a, const Region& b);

/// Takes away what a part has of a whole where that leaves one region: they are alike in all but states, or in all but
/// kinds. False: they are not, and the whole is as it was.
[[nodiscard]] bool take_away(const Region& part, Region& whole);

/// The largest number that our field of the connection mark can hold.
[[nodiscard]] constexpr std::uint32_t last_number(const ir::MarkLayout& layout) {
  return layout.number_mask() >> layout.number_shift();
}

/// What is asked of our field of the connection mark: that it is of a kind, and some bits of the number.
struct MarkBits {
  std::uint8_t kinds = Situation::kAllKinds;
  std::uint32_t number = 0, mask = 0;
};
/// A connection mark that has a value in some of its bits. Nothing: bits outside our field are asked for.
[[nodiscard]] std::optional<MarkBits> mark_bits(std::uint32_t value, std::uint32_t mask, const ir::MarkLayout& layout);

/// What a situation has of these bits, as ranges of numbers. A tree of queues asks for bits from the highest down, so
/// what those above have to be is known where it asks. Nothing: there are more than `kMostMarkWays`.
inline constexpr std::size_t kMostMarkWays = 256;
[[nodiscard]] std::optional<std::vector<Situation>> with_mark(const Situation& when, const MarkBits& bits);

}  // namespace vuurmuur::prove
