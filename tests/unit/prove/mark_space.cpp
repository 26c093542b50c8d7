// SPDX-License-Identifier: GPL-2.0-or-later
// Marks as situations tell them, held against marks.
#include "prove/mark_space.h"

#include <algorithm>
#include <random>

#include "support/catch.h"

using namespace vuurmuur::prove;

TEST_CASE("bits that are asked for most stand first, and come back to where they were") {
  const BitOrder order({0x30003000, 0x30000000, 0x3000});
  CHECK(order.ordered(0x30003000) == 0xf0000000);
  CHECK(order.ordered(0x20001000) == 0x90000000);
  CHECK(order.mark_of(0x90000000) == 0x20001000);
  CHECK(BitOrder({0x3ffff000, 0x1}).ordered(0x1) == 0x80000000);
  std::mt19937 random(4);
  for (unsigned i = 0; i < 1000; ++i) {
    const auto mark = static_cast<std::uint32_t>(random());
    CHECK(order.mark_of(order.ordered(mark)) == mark);
  }
  // Where all are asked for alike the order is that of the mark.
  CHECK(BitOrder({}).ordered(0x12345678) == 0x12345678);
}

TEST_CASE("what is asked of marks is told of just those marks") {
  const AskedAnywhere asked{.connection_masks = {0x30000000, 0x30003000, 0xffff000, 0x3},
                            .packet_tests = {{.value = 0x4, .mask = 0x6}, {.value = 0x100, .mask = 0x101}},
                            .saved = 0x2,
                            .restored = 0x100};
  const MarkSpace space(asked);
  Situation all;
  all.last_number = 0x3fffffff;
  std::mt19937 random(5);
  const auto mark = [&] { return static_cast<std::uint32_t>(random()) & 0x3ffff103; };
  const auto with = [&](std::uint32_t connection, const std::vector<Situation>& ways) {
    // A situation of this mark alone.
    const auto own = space.with_connection_mark(all, {.value = connection, .mask = UINT32_MAX}, false);
    REQUIRE(own);
    REQUIRE(own->size() == 1);
    CHECK(space.connection_mark_of(own->front()) == connection);
    Region one;
    one.when = own->front();
    return std::ranges::count_if(ways, [&](const Situation& way) {
      Region region;
      region.when = way;
      return common(region, one).has_value();
    });
  };
  for (const std::uint32_t mask : asked.connection_masks)
    for (const bool is_inverted : {false, true})
      for (unsigned i = 0; i < 200; ++i) {
        const std::uint32_t value = mark() & mask, held = i % 2 == 0 ? mark() : (mark() & ~mask) | value;
        const auto ways = space.with_connection_mark(all, {.value = value, .mask = mask}, is_inverted);
        REQUIRE(ways);
        CHECK(with(held, *ways) == (((held & mask) == value) != is_inverted ? 1 : 0));
      }
  // Of the packet mark any of the bits that are asked for, also together with others than the rule has.
  for (const std::uint32_t mask : {0x6U, 0x101U, 0x2U, 0x107U})
    for (unsigned i = 0; i < 50; ++i) {
      const std::uint32_t value = static_cast<std::uint32_t>(random()) & mask;
      const auto classes = space.packet_classes({.value = value, .mask = mask});
      REQUIRE(classes);
      Situation when;
      when.packet_marks = *classes;
      CHECK((space.packet_mark_of(when) & mask) == value);
      when.packet_marks = ~*classes;
      CHECK((space.packet_mark_of(when) & mask) != value);
    }
  CHECK_FALSE(space.packet_classes({.value = 0, .mask = 0x8}));
}
