// SPDX-License-Identifier: GPL-2.0-or-later
// Situations: marks as kinds and numbers, and as pieces.
#include "prove/region.h"

#include "prove/region_parts.h"

#include "prove/encoding.h"
#include "prove/program.h"
#include "support/catch.h"

using namespace vuurmuur::prove;
using vuurmuur::ir::MarkKind;
using vuurmuur::ir::MarkLayout;

namespace {

bool holds(const Situation& when, std::uint32_t mark, const MarkLayout& layout) {
  const auto field = layout.decode(mark);
  return (when.kinds >> static_cast<unsigned>(field.kind) & 1) != 0 && when.first_number <= field.number &&
         field.number <= when.last_number;
}

}  // namespace

TEST_CASE("the situations in which a mark has a value are just those") {
  // A field of six bits: four kinds, sixteen numbers.
  const MarkLayout layout = *MarkLayout::create(0x3f0);
  Situation all;
  all.last_number = last_number(layout);
  for (std::uint32_t mask = 0; mask < 0x400; mask += 0x10)
    for (std::uint32_t value = 0; value < 0x400; value += 0x10) {
      const auto bits = mark_bits(value, mask, layout);
      REQUIRE(bits);
      const auto ways = with_mark(all, *bits);
      REQUIRE(ways);
      for (std::uint32_t mark = 0; mark < 0x400; mark += 0x10) {
        bool is_held = false;
        for (const Situation& way : *ways) is_held = is_held || holds(way, mark, layout);
        INFO(value << '/' << mask << " and " << mark);
        CHECK(is_held == ((mark & mask) == value));
      }
    }
  CHECK_FALSE(mark_bits(0, 0x1, layout));  // a bit of others
}

TEST_CASE("the bits of a mark that a range of numbers has in common need not be gone through") {
  for (std::uint32_t first = 0; first < 16; ++first)
    for (std::uint32_t last = first; last < 16; ++last)
      for (std::uint32_t mask = 0; mask < 16; ++mask)
        for (std::uint32_t number = 0; number < 16; ++number) {
          Situation when;
          when.first_number = first;
          when.last_number = last;
          const auto ways = with_mark(when, {.number = number & mask, .mask = mask});
          REQUIRE(ways);
          for (std::uint32_t each = 0; each < 16; ++each) {
            unsigned held = 0;
            for (const Situation& way : *ways) held += way.first_number <= each && each <= way.last_number ? 1 : 0;
            INFO(first << " to " << last << ", " << number << '/' << mask << ": " << each);
            CHECK(held == (first <= each && each <= last && (each & mask) == (number & mask) ? 1 : 0));
          }
        }
  // A tree over a field of sixteen bits: the lowest two where those above them are known, and where they are not.
  Situation leaf;
  leaf.first_number = 0xfffc;
  leaf.last_number = 0xffff;
  CHECK(with_mark(leaf, {.number = 1, .mask = 3}).value().size() == 1);
  leaf.first_number = 0;
  CHECK_FALSE(with_mark(leaf, {.number = 1, .mask = 3}));
}

TEST_CASE("what is taken away leaves one region or all") {
  Region whole, part;
  part.when.kinds = 2;
  CHECK(take_away(part, whole));
  CHECK(whole.when.kinds == 13);
  part.when.kinds = 13;
  part.when.states = 1;
  CHECK(take_away(part, whole));
  CHECK(whole.when.states == 30);
  part.when.states = 2;
  part.when.kinds = 1;
  CHECK_FALSE(take_away(part, whole));
}

TEST_CASE("pieces of situations have something in common when the situations have") {
  Program program;
  RegionPile regions;
  const auto add = [&](const Situation& when) {
    Region region;
    region.when = when;
    program.entries.emplace_back().region = regions.numbers_of(region);
  };
  add({.states = 1, .flags = 0b0110, .kinds = 1, .first_number = 0, .last_number = 7});
  add({.states = 3, .flags = UINT64_MAX, .kinds = 15, .first_number = 0, .last_number = UINT32_MAX});
  add({.states = 31, .flags = 0b0011, .kinds = 3, .first_number = 5, .last_number = 5});
  add({.states = 16, .flags = ~0b0111ULL, .kinds = 6, .first_number = 6, .last_number = 9});
  add({.states = 31, .flags = UINT64_MAX, .kinds = 8, .first_number = 0, .last_number = UINT32_MAX});
  const std::array<const Program*, 1> programs{&program};
  const Encoding encoding(regions, programs);
  const auto region_of = [&](const Entry& entry) { return regions.region(entry.region); };
  for (const Entry& a : program.entries)
    for (const Entry& b : program.entries) {
      bool is_shared = false;
      for (const auto& one : encoding.pieces(region_of(a).when))
        for (const auto& other : encoding.pieces(region_of(b).when))
          is_shared = is_shared || (one.first <= other.last && other.first <= one.last);
      CHECK(is_shared == common(region_of(a), region_of(b)).has_value());
    }
  // Each piece has a situation that is in it.
  for (const Entry& entry : program.entries)
    for (const auto& piece : encoding.pieces(region_of(entry).when))
      for (std::uint64_t value = piece.first.low; value <= piece.last.low; ++value) {
        Region one = region_of(entry);
        one.when = encoding.situation(value);
        CHECK(common(one, region_of(entry)) == one);
      }
}

TEST_CASE("a mark that is not so is all the others") {
  const MarkLayout layout = *MarkLayout::create(0x3f0);
  Situation all;
  all.last_number = last_number(layout);
  for (std::uint32_t mask = 0; mask < 0x400; mask += 0x10)
    for (std::uint32_t value = 0; value < 0x400; value += 0x10) {
      if ((value & ~mask) != 0) continue;
      const auto ways = with_mark(all, AskedBits{.value = value, .mask = mask}, layout, /*is_inverted=*/true);
      REQUIRE(ways);
      for (std::uint32_t mark = 0; mark < 0x400; mark += 0x10) {
        unsigned held = 0;
        for (const Situation& way : *ways) held += holds(way, mark, layout) ? 1 : 0;
        INFO(value << '/' << mask << " and " << mark);
        CHECK(held == ((mark & mask) == value ? 0U : 1U));
      }
    }
}

TEST_CASE("what is left of a region is all that its part does not have, once") {
  Region whole;
  whole.box[vuurmuur::analyse::Field::DestinationPort] = vuurmuur::analyse::Interval::of(0, 9);
  whole.when = {.states = 0x7, .flags = 0xff, .kinds = 0xf, .first_number = 0, .last_number = 9, .packet_marks = 0x7};
  Region part = whole;
  part.box[vuurmuur::analyse::Field::DestinationPort] = vuurmuur::analyse::Interval::of(3, 5);
  part.when = {.states = 0x3, .flags = 0x0f, .kinds = 0x5, .first_number = 2, .last_number = 4, .packet_marks = 0x5};
  const auto rest = rest_of(part, whole, 16);
  REQUIRE(rest);
  const auto has = [](const Region& region, std::uint64_t port, unsigned state, unsigned flag, unsigned kind,
                      std::uint32_t number, unsigned mark) {
    const auto& ports = region.box[vuurmuur::analyse::Field::DestinationPort];
    return ports.first.low <= port && port <= ports.last.low && (region.when.states >> state & 1) != 0 &&
           (region.when.flags >> flag & 1) != 0 && (region.when.kinds >> kind & 1) != 0 &&
           region.when.first_number <= number && number <= region.when.last_number &&
           (region.when.packet_marks >> mark & 1) != 0;
  };
  unsigned wrong = 0, left = 0;
  for (std::uint64_t port = 0; port < 10; ++port)
    for (unsigned state = 0; state < 3; ++state)
      for (unsigned flag = 0; flag < 8; ++flag)
        for (unsigned kind = 0; kind < 4; ++kind)
          for (std::uint32_t number = 0; number < 10; ++number)
            for (unsigned mark = 0; mark < 3; ++mark) {
              unsigned times = 0;
              for (const Region& each : *rest) times += has(each, port, state, flag, kind, number, mark) ? 1 : 0;
              wrong += times != (has(part, port, state, flag, kind, number, mark) ? 0U : 1U);
              left += times;
            }
  CHECK(wrong == 0);
  CHECK(left == 10 * 3 * 8 * 4 * 10 * 3 - 3 * 2 * 4 * 2 * 3 * 2);
  CHECK_FALSE(rest_of(part, whole, 3));
}
