// SPDX-License-Identifier: GPL-2.0-or-later
// Classes of packet marks: each mark is in one, and that one meets just the tests that the mark meets.
#include "prove/packet_marks.h"

#include <random>

#include "support/catch.h"

using namespace vuurmuur::prove;

TEST_CASE("a class of packet marks meets a test when its marks do") {
  std::mt19937 random(1);
  constexpr std::uint32_t kMarks = 64;  // marks of six bits
  unsigned classes_seen = 0;
  for (unsigned round = 0; round < 500; ++round) {
    std::vector<MarkTest> tests;
    for (unsigned i = 0; i < 1 + round % 4; ++i) {
      const auto mask = static_cast<std::uint32_t>(random() % kMarks);
      tests.push_back({.value = static_cast<std::uint32_t>(random()) & mask, .mask = mask});
    }
    const PacketMarks marks(tests);
    std::uint64_t seen = 0;
    for (std::uint32_t mark = 0; mark < kMarks; ++mark) {
      // The class that answers every test as this mark does.
      std::uint64_t own = UINT64_MAX;
      for (const MarkTest& test : tests) {
        const auto classes = marks.classes(test);
        REQUIRE(classes);
        own &= (mark & test.mask) == test.value ? *classes : ~*classes;
      }
      REQUIRE(own != 0);
      seen |= own;
      for (const MarkTest& test : tests)
        CHECK(((marks.mark_of(own) & test.mask) == test.value) == ((mark & test.mask) == test.value));
    }
    CHECK(seen == UINT64_MAX);  // no class is empty
    classes_seen += marks.classes(tests.front()).value_or(0) != 0 ? 1 : 0;
  }
  CHECK(classes_seen > 400);
}

TEST_CASE("a mark with a bit outside of its mask is nobody's, and another one is not known") {
  const PacketMarks marks({{.value = 0x80, .mask = 0x80}, {.value = 3, .mask = 1}});
  CHECK(marks.classes({.value = 3, .mask = 1}) == 0);
  CHECK_FALSE(marks.classes({.value = 1, .mask = 1}));
}

TEST_CASE("what a text asks of packet marks is found in it") {
  const auto tests = mark_tests_of(
      "-A VRMR-POSTROUTING -m mark --mark 0x80/0xc0 -m connmark --mark 0x1/0x3 -j ACCEPT\n"
      "-A OTHER -m mark ! --mark 7 -j DROP\n-A OTHER -m mark --mark 0x7\n-A OTHER -m mark --mark x\n");
  CHECK(tests == std::vector<MarkTest>{{.value = 0x80, .mask = 0xc0}, {.value = 7, .mask = 0xffffffff}});
}
