// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/region_parts.h"

#include "analyse/filter_boxes.h"

namespace vuurmuur::prove {

std::optional<std::vector<Region>> rest_of(const Region& part, const Region& whole, std::size_t most) {
  std::vector<Region> rest;
  Region left = whole;
  const Situation &gone = part.when, &all = whole.when;
  const auto add = [&](auto Situation::*field, auto value, auto of_part) {
    Region piece = left;
    piece.when.*field = value;
    if (!piece.when.is_empty()) rest.push_back(piece);
    left.when.*field = of_part;
  };
  add(&Situation::states, static_cast<std::uint8_t>(all.states & ~gone.states), gone.states);
  add(&Situation::flags, all.flags & ~gone.flags, gone.flags);
  add(&Situation::kinds, static_cast<std::uint8_t>(all.kinds & ~gone.kinds), gone.kinds);
  add(&Situation::packet_marks, all.packet_marks & ~gone.packet_marks, gone.packet_marks);
  if (gone.first_number > all.first_number) add(&Situation::last_number, gone.first_number - 1, all.last_number);
  left.when.first_number = gone.first_number;
  if (gone.last_number < all.last_number) add(&Situation::first_number, gone.last_number + 1, gone.first_number);
  left.when.last_number = gone.last_number;
  std::vector<analyse::Box> boxes{whole.box};
  if (!analyse::subtract(part.box, most, boxes) || boxes.size() + rest.size() > most) return std::nullopt;
  for (const analyse::Box& box : boxes) rest.push_back({.box = box, .when = left.when});
  return rest;
}

std::optional<std::vector<Situation>> with_mark(const Situation& when, const AskedBits& asked,
                                                const ir::MarkLayout& layout, bool is_inverted) {
  std::vector<Situation> ways;
  const auto add = [&](std::uint32_t value, std::uint32_t mask) {
    const auto bits = mark_bits(value, mask, layout);
    const auto more = bits ? with_mark(when, *bits) : std::nullopt;
    if (!more || ways.size() + more->size() > kMostMarkWays) return false;
    ways.insert(ways.end(), more->begin(), more->end());
    return true;
  };
  if (!is_inverted) return add(asked.value, asked.mask) ? std::optional(ways) : std::nullopt;
  // From the highest bit down the first that is another one.
  std::uint32_t above = 0;
  for (std::uint32_t bit = 1U << 31; bit != 0; bit >>= 1) {
    if ((asked.mask & bit) == 0) continue;
    above |= bit;
    if (!add((asked.value & above) ^ bit, above)) return std::nullopt;
  }
  return ways;
}

}  // namespace vuurmuur::prove
