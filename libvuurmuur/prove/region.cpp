// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/region.h"

#include <algorithm>
#include <bit>

namespace vuurmuur::prove {

std::optional<Region> common(const Region& a, const Region& b) {
  Region both;
  both.when = {.states = static_cast<std::uint8_t>(a.when.states & b.when.states),
               .flags = a.when.flags & b.when.flags,
               .kinds = static_cast<std::uint8_t>(a.when.kinds & b.when.kinds),
               .first_number = std::max(a.when.first_number, b.when.first_number),
               .last_number = std::min(a.when.last_number, b.when.last_number),
               .packet_marks = a.when.packet_marks & b.when.packet_marks};
  if (both.when.is_empty()) return std::nullopt;
  for (std::size_t f = 0; f < analyse::kFields; ++f) {
    analyse::Interval& shared = both.box.fields[f];
    shared = {.first = std::max(a.box.fields[f].first, b.box.fields[f].first),
              .last = std::min(a.box.fields[f].last, b.box.fields[f].last)};
    if (shared.last < shared.first) return std::nullopt;
  }
  return both;
}

bool take_away(const Region& part, Region& whole) {
  Situation& all = whole.when;
  const Situation& gone = part.when;
  if (part.box != whole.box || gone.first_number != all.first_number || gone.last_number != all.last_number)
    return false;
  if (gone.flags != all.flags || gone.packet_marks != all.packet_marks) return false;
  if (gone.kinds == all.kinds)
    all.states &= static_cast<std::uint8_t>(~gone.states);
  else if (gone.states == all.states)
    all.kinds &= static_cast<std::uint8_t>(~gone.kinds);
  else
    return false;
  return true;
}

std::optional<MarkBits> mark_bits(std::uint32_t value, std::uint32_t mask, const ir::MarkLayout& layout) {
  if ((mask & ~layout.mask()) != 0) return std::nullopt;
  MarkBits bits;
  if ((value & ~mask) != 0) {
    bits.kinds = 0;
    return bits;
  }
  if (const std::uint32_t kind_mask = mask & layout.kind_mask(); kind_mask != 0) {
    bits.kinds = 0;
    for (unsigned kind = 0; kind < 4; ++kind) {
      const std::uint32_t encoded = layout.encode(static_cast<ir::MarkKind>(kind));
      if ((encoded & kind_mask) == (value & kind_mask)) bits.kinds |= static_cast<std::uint8_t>(1U << kind);
    }
  }
  bits.number = (value & layout.number_mask()) >> layout.number_shift();
  bits.mask = (mask & layout.number_mask()) >> layout.number_shift();
  return bits;
}

std::optional<std::vector<Situation>> with_mark(const Situation& when, const MarkBits& bits) {
  Situation all = when;
  all.kinds &= bits.kinds;
  std::vector<Situation> ways;
  if (all.is_empty()) return ways;
  // What the first and the last number have in common all between them have.
  const auto differing = static_cast<unsigned>(std::bit_width(all.first_number ^ all.last_number));
  const std::uint32_t low = differing == 32 ? UINT32_MAX : (1U << differing) - 1, high = all.first_number & ~low;
  if ((high & bits.mask) != (bits.number & ~low)) return ways;
  const std::uint32_t asked = bits.mask & low;
  if (asked == 0) return std::vector{all};
  // Bits below the lowest that is asked for may be any; those above it that are not asked for have to be gone through.
  const std::uint32_t below = (1U << std::countr_zero(asked)) - 1, open = low & ~asked & ~below;
  if (std::size_t{1} << std::popcount(open) > kMostMarkWays) return std::nullopt;
  for (std::uint32_t chosen = 0;;) {
    Situation way = all;
    way.first_number = std::max(all.first_number, high | (bits.number & low) | chosen);
    way.last_number = std::min(all.last_number, high | (bits.number & low) | chosen | below);
    if (!way.is_empty()) ways.push_back(way);
    chosen = (chosen - open) & open;  // the next subset of those bits
    if (chosen == 0) break;
  }
  return ways;
}

}  // namespace vuurmuur::prove
