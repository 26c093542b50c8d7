// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/cover.h"

#include <algorithm>
#include <random>

#include "analyse/box.h"
#include "support/catch.h"

using namespace vuurmuur::analyse;

namespace {

/// A box over four of the fields, each of values 0 to 4.
Box small_box(std::mt19937& random, unsigned widest) {
  Box box;
  for (std::size_t f = 0; f < kFields; ++f) box.fields[f] = Interval::of(0, 4);
  for (const std::size_t f : {0U, 3U, 6U, 9U}) {
    const std::uint64_t first = random() % 5;
    box.fields[f] = Interval::of(first, std::min<std::uint64_t>(4, first + random() % widest));
  }
  return box;
}

/// Every packet of the small world.
template <class Visit>
void for_each_point(const Visit& visit) {
  Point point{};
  for (std::uint64_t a = 0; a < 5; ++a)
    for (std::uint64_t b = 0; b < 5; ++b)
      for (std::uint64_t c = 0; c < 5; ++c)
        for (std::uint64_t d = 0; d < 5; ++d) {
          point[0].low = a, point[3].low = b, point[6].low = c, point[9].low = d;
          visit(point);
        }
}

std::vector<RankBox> ranked(const Ranks& ranks, const std::vector<Box>& boxes) {
  std::vector<RankBox> result;
  for (const Box& box : boxes) result.push_back(ranks.of(box));
  return result;
}

}  // namespace

TEST_CASE("whether boxes cover another one is what looking at every packet says") {
  std::mt19937 random(7);
  unsigned whole = 0, open = 0, by_many = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<Box> boxes;
    const auto count = static_cast<unsigned>(3 + random() % 60), widest = static_cast<unsigned>(1 + random() % 4);
    for (unsigned i = 0; i < count; ++i) boxes.push_back(small_box(random, widest));
    const Ranks ranks(boxes);
    const std::vector<RankBox> all = ranked(ranks, boxes);
    const BoxIndex index(all);
    CoverSearch search(all, index);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Cover cover = search.of(all[i], {.before = i});
      const auto is_before = [&](const Point& point) {
        for (std::uint32_t other = 0; other < i; ++other)
          if (contains(boxes[other], point)) return true;
        return false;
      };
      bool is_covered = true;
      for_each_point([&](const Point& point) {
        if (contains(boxes[i], point) && !is_before(point)) is_covered = false;
      });
      REQUIRE((cover.kind == Cover::Kind::Whole) == is_covered);
      if (!is_covered) {
        ++open;
        const Point witness = ranks.point(cover.witness);
        CHECK(contains(boxes[i], witness));
        CHECK_FALSE(is_before(witness));
        continue;
      }
      ++whole;
      by_many += cover.by.size() > 1;
      // Those that are named do it alone.
      for_each_point([&](const Point& point) {
        if (!contains(boxes[i], point)) return;
        CHECK(std::ranges::any_of(cover.by,
                                  [&](std::uint32_t other) { return other < i && contains(boxes[other], point); }));
      });
    }
  }
  CHECK(whole > 300);
  CHECK(open > 300);
  CHECK(by_many > 100);
}

TEST_CASE("of several boxes that hold it alone the first is named") {
  Box all, part;
  part[Field::Protocol] = Interval::one(6);
  const std::vector<Box> boxes{part, all, all, part};
  const Ranks ranks(boxes);
  const auto ranked_boxes = ranked(ranks, boxes);
  const BoxIndex index(ranked_boxes);
  CoverSearch search(ranked_boxes, index);
  CHECK(search.of(ranked_boxes[3], {.before = 3}).by == std::vector<std::uint32_t>{0});
  CHECK(search.of(ranked_boxes[1], {.before = 1}).kind == Cover::Kind::Open);
  CHECK(search.of(ranked_boxes[2], {.before = 2}).by == std::vector<std::uint32_t>{1});
  CHECK(search.of(ranked_boxes[0], {.before = 0}).kind == Cover::Kind::Open);
}

TEST_CASE("the ends of the widest field are values like others") {
  Box low, high, all;
  low[Field::Source] = {.first = {}, .last = {.high = 0x7fff'ffff'ffff'ffff, .low = UINT64_MAX}};
  high[Field::Source] = {.first = low[Field::Source].last.next(), .last = kLastValue};
  CHECK(high[Field::Source].first == Value{.high = 0x8000'0000'0000'0000, .low = 0});
  const std::vector<Box> boxes{low, high, all};
  const Ranks ranks(boxes);
  const auto ranked_boxes = ranked(ranks, boxes);
  const BoxIndex index(ranked_boxes);
  CoverSearch search(ranked_boxes, index);
  const Cover cover = search.of(ranked_boxes[2], {.before = 2});
  CHECK(cover.kind == Cover::Kind::Whole);
  CHECK(cover.by == std::vector<std::uint32_t>{0, 1});
  CHECK(search.of(ranked_boxes[2], {.before = 1}).kind == Cover::Kind::Open);
}

TEST_CASE("what an adversary writes ends in a budget and not in a guess") {
  // Wide boxes at random in many fields, whose pieces multiply.
  std::mt19937 random(3);
  std::vector<Box> boxes;
  for (int i = 0; i < 3000; ++i) {
    Box box;
    for (const Field field :
         {Field::Source, Field::Destination, Field::SourcePort, Field::DestinationPort, Field::SourceMac}) {
      const std::uint64_t first = random() % 1000;
      box[field] = Interval::of(first, first + 400 + random() % 600);
    }
    boxes.push_back(box);
  }
  const Ranks ranks(boxes);
  const auto all = ranked(ranks, boxes);
  const BoxIndex index(all);
  CoverSearch search(all, index);
  for (std::uint32_t i = 2900; i < 3000; ++i) {
    const Cover cover = search.of(all[i], {.before = i});
    if (cover.kind != Cover::Kind::Open) continue;
    const Point witness = ranks.point(cover.witness);
    REQUIRE(contains(boxes[i], witness));
    for (std::uint32_t other = 0; other < i; ++other) REQUIRE_FALSE(contains(boxes[other], witness));
  }
}
