// SPDX-License-Identifier: GPL-2.0-or-later
// The checker refuses what is not so.
#include "certificate.h"

#include <algorithm>
#include <random>

#include "support/catch.h"

using namespace vuurmuur::judges;

namespace {

/// A box of two fields, from and to both ends; the other fields have one value.
Box box(std::uint64_t first, std::uint64_t last, std::uint64_t low = 0, std::uint64_t high = 9) {
  Box box{};
  box[4] = {first, last};
  box[7] = {low, high};
  return box;
}

Point point(std::uint64_t value, std::uint64_t other = 0) {
  Point point{};
  point[4] = value;
  point[7] = other;
  return point;
}

bool is_fault(const std::string& text, const char* words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("what is outside of boxes is found, and only when there is some") {
  std::mt19937 random(5);
  unsigned whole = 0, open = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto any = [&] {
      const std::uint64_t first = random() % 8, low = random() % 8;
      return box(first, first + random() % 6, low, low + random() % 6);
    };
    const Box region = any();
    std::vector<Box> boxes;
    for (auto count = random() % 12; count > 0; --count) boxes.push_back(any());
    bool is_left = false;
    for (unsigned a = 0; a < 16; ++a)
      for (unsigned b = 0; b < 16; ++b)
        is_left = is_left || (holds(region, point(a, b)) &&
                              std::ranges::none_of(boxes, [&](const Box& each) { return holds(each, point(a, b)); }));
    const auto found = outside(region, boxes);
    CHECK(found.has_value() == is_left);
    if (found) {
      CHECK(holds(region, *found));
      CHECK(std::ranges::none_of(boxes, [&](const Box& each) { return holds(each, *found); }));
    }
    ++(is_left ? open : whole);
  }
  CHECK(whole > 200);
  CHECK(open > 200);
}

TEST_CASE("the ends of numbers of 128 bits are numbers like others") {
  constexpr Number kLast = ~Number{0}, kMiddle = Number{1} << 127;
  Box all{}, low{}, high{};
  all[6] = {0, kLast};
  low[6] = {0, kMiddle - 1};
  high[6] = {kMiddle, kLast};
  CHECK_FALSE(outside(all, {low, high}));
  high[6].first = kMiddle + 1;
  const auto left = outside(all, {low, high});
  REQUIRE(left);
  CHECK((*left)[6] == kMiddle);
}

TEST_CASE("rules that are said to take everything of another one are asked for it") {
  const List list{
      {0, true, box(0, 3)}, {1, false, box(0, 9)}, {2, true, box(4, 6)}, {3, true, box(2, 6)}, {4, true, box(2, 7)}};
  const std::vector<std::size_t> both{0, 2}, one{0}, itself{0, 3}, logs{0, 1};
  CHECK(fault_of_never(list, 3, both) == "");
  CHECK(is_fault(fault_of_never(list, 3, one), "rule 3 is left"));
  CHECK(is_fault(fault_of_never(list, 3, itself), "rule 3 is not before"));
  CHECK(is_fault(fault_of_never(list, 3, logs), "is left"));  // which takes nothing
  CHECK(is_fault(fault_of_never(list, 4, both), "rule 4 is left"));
  CHECK(fault_of_witness(list, 4, point(7)) == "");
  CHECK(is_fault(fault_of_witness(list, 4, point(3)), "rule 0 takes"));
  CHECK(is_fault(fault_of_witness(list, 4, point(8)), "none of rule 4"));
  CHECK(fault_of_witness(list, kNobody, point(9)) == "");
  CHECK(fault_of_nothing(list, 3, box(0, 9)) == "");
  CHECK(is_fault(fault_of_nothing(list, 4, box(0, 9)), "rule 4 gets"));
  CHECK(fault_of_nothing(list, 4, box(0, 9), std::vector{box(7, 7)}) == "");
  CHECK(passed(list, point(5)) == std::vector<std::size_t>{1});
  CHECK(passed(list, point(2)).empty());
}

TEST_CASE("rows that have too much, too little or another packet are refused") {
  // Rule 0 does what the chain's policy does not; it grows by 4 to 5.
  const List before{{0, true, box(0, 3)}}, after{{0, true, box(0, 5)}};
  const Comparison lists{.before = before,
                         .after = after,
                         .world = box(0, 9),
                         .impossible = {},
                         .differ = [](std::size_t a, std::size_t b) { return a != b; }};
  const Row right{.before = kNobody, .after = 0, .boxes = {box(4, 5)}, .example = point(5)};
  const auto with = [&](std::vector<Box> boxes, std::optional<Point> example = {}) {
    Row row = right;
    row.boxes = std::move(boxes);
    row.example = example;
    return row;
  };
  CHECK(fault_of_row(lists, right) == "");
  CHECK(fault_of_rest(lists, std::vector{right}) == "");
  CHECK(is_fault(fault_of_rest(lists, {}), "no row has"));
  CHECK(is_fault(fault_of_rest(lists, std::vector{with({box(4, 5, 0, 8)})}), "no row has"));
  CHECK(is_fault(fault_of_row(lists, with({box(4, 5, 0, 8)})), "left out"));
  CHECK(is_fault(fault_of_row(lists, with({box(4, 6)})), "after, rule 0 has not"));
  CHECK(is_fault(fault_of_row(lists, with({box(3, 5)})), "before, rule 0 takes"));
  CHECK(is_fault(fault_of_row(lists, with({box(4, 5), box(5, 5)})), "in common"));
  CHECK(is_fault(fault_of_row(lists, with({box(4, 5)}, point(3))), "in no box"));
  CHECK(is_fault(fault_of_row(lists, with({box(4, 6)}, point(6))), "not treated so"));
  Row alike{.before = 0, .after = 0, .boxes = {box(0, 3)}, .example = {}};
  CHECK(is_fault(fault_of_row(lists, alike), "they do the same"));
  // An outline may have more.
  Row outline = with({box(0, 9)}, point(4));
  outline.is_outline = true;
  CHECK(fault_of_row(lists, outline) == "");
}
