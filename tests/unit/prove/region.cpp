// SPDX-License-Identifier: GPL-2.0-or-later
// Situations: marks as kinds and numbers, and as pieces.
#include "prove/region.h"

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
  for (std::uint32_t mask = 0; mask < 0x400; mask += 0x10)
    for (std::uint32_t value = 0; value < 0x400; value += 0x10) {
      const auto ways = with_mark(value, mask, layout);
      REQUIRE(ways);
      for (std::uint32_t mark = 0; mark < 0x400; mark += 0x10) {
        bool is_held = false;
        for (const Situation& way : *ways) is_held = is_held || holds(way, mark, layout);
        INFO(value << '/' << mask << " and " << mark);
        CHECK(is_held == ((mark & mask) == value));
      }
    }
  CHECK_FALSE(with_mark(0, 0x1, layout));  // a bit of others
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
  const auto add = [&](const Situation& when) {
    Entry entry;
    entry.region.when = when;
    program.entries.push_back(entry);
  };
  add({.states = 1, .flags = 0b0110, .kinds = 1, .first_number = 0, .last_number = 7});
  add({.states = 3, .flags = UINT64_MAX, .kinds = 15, .first_number = 0, .last_number = UINT32_MAX});
  add({.states = 31, .flags = 0b0011, .kinds = 3, .first_number = 5, .last_number = 5});
  add({.states = 16, .flags = ~0b0111ULL, .kinds = 6, .first_number = 6, .last_number = 9});
  add({.states = 31, .flags = UINT64_MAX, .kinds = 8, .first_number = 0, .last_number = UINT32_MAX});
  const std::array<const Program*, 1> programs{&program};
  const Encoding encoding(programs);
  for (const Entry& a : program.entries)
    for (const Entry& b : program.entries) {
      bool is_shared = false;
      for (const auto& one : encoding.pieces(a.region.when))
        for (const auto& other : encoding.pieces(b.region.when))
          is_shared = is_shared || (one.first <= other.last && other.first <= one.last);
      CHECK(is_shared == common(a.region, b.region).has_value());
    }
  // Each piece has a situation that is in it.
  for (const Entry& entry : program.entries)
    for (const auto& piece : encoding.pieces(entry.region.when))
      for (std::uint64_t value = piece.first.low; value <= piece.last.low; ++value) {
        Region one = entry.region;
        one.when = encoding.situation(value);
        CHECK(common(one, entry.region) == one);
      }
}
