// SPDX-License-Identifier: GPL-2.0-or-later
// Lists made by chance, before the analysis and before binary decision diagrams. VUURMUUR_RANDOM_LISTS sets how many,
// VUURMUUR_RANDOM_SEED the first one's seed.
#include "diagrams.h"

#include <algorithm>
#include <random>

#include "analyse/remainder.h"
#include "list_answers.h"
#include "read_boxes.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::judges;

namespace {

constexpr std::size_t kMostLines = 60, kMostBoxes = 100;

unsigned first_seed() { return test::number_from("VUURMUUR_RANDOM_SEED", 1); }
unsigned lists() { return test::number_from("VUURMUUR_RANDOM_LISTS", 150); }

}  // namespace

TEST_CASE("which rules can match is what decision diagrams say") {
  Diagrams diagrams;
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    judge_reach(
        ListPolicy(any_lines(kMostLines, random)),
        [&](const List& list, const Box& world) { return diagrams.is_left(list, world); }, counts);
  }
  WARN(to_string(counts));
  CHECK(counts.never > lists());
  CHECK(counts.by_many > lists() / 10);
  CHECK(counts.unfinished == 0);
}

TEST_CASE("which boxes others cover is what decision diagrams say") {
  Diagrams diagrams;
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    judge_cover(
        range_boxes(5 + random() % (kMostBoxes - 4), random),
        [&](const List& list, const Box& world) { return diagrams.is_left(list, world); }, counts);
  }
  WARN(to_string(counts));
  CHECK(counts.never > lists());
  CHECK(counts.by_many > lists());
  CHECK(counts.unfinished <= counts.boxes / 1000);
}

TEST_CASE("what two lists treat otherwise is what decision diagrams say, and nothing more") {
  Diagrams diagrams;
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const Lines lines = any_lines(kMostLines, random);
    judge_diff(
        ListPolicy(lines), ListPolicy(edited(lines, any_lines(5, random), random)),
        [&](const FamilyDifference& asked) {
          const auto judged = diagrams.difference(asked.lists, asked.before, asked.after, asked.rows);
          CHECK(judged.is_there == !asked.rows.empty());
          CHECK(judged.is_in_rows);
          CHECK((judged.is_rows || asked.is_outline));
        },
        counts);
  }
  WARN(to_string(counts));
  CHECK(counts.equal > lists() / 10);
  CHECK(counts.equal < counts.pairs * 9 / 10);
  CHECK(counts.unfinished <= counts.pairs / 1000);
}

TEST_CASE("what is left of a box without those of two lists is what decision diagrams say") {
  Diagrams diagrams;
  unsigned whole = 0, nothing = 0, given_up = 0;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto boxes = range_boxes(5 + random() % 40, random);
    const analyse::Ranks ranks(boxes);
    std::vector<analyse::RankBox> ranked;
    for (const analyse::Box& box : boxes) ranked.push_back(ranks.of(box));
    const std::size_t middle = ranked.size() / 2;
    const std::span<const analyse::RankBox> all(ranked), one = all.first(middle), two = all.subspan(middle);
    analyse::Remainders remainders(one, two, SIZE_MAX);
    for (std::uint32_t i = 0; i < ranked.size(); ++i) {
      const auto before_one = static_cast<std::uint32_t>(random() % (one.size() + 1)),
                 before_two = static_cast<std::uint32_t>(random() % (two.size() + 1));
      const analyse::Remainder found = remainders.of(ranked[i], before_one, before_two);
      if (!found.is_whole) {
        ++given_up;
        continue;
      }
      std::vector<Box> taken, pieces;
      for (std::uint32_t j = 0; j < before_one; ++j) taken.push_back(read(boxes[j]));
      for (std::uint32_t j = 0; j < before_two; ++j) taken.push_back(read(boxes[middle + j]));
      for (const analyse::RankBox& piece : found.pieces) pieces.push_back(read(ranks.box(piece)));
      CHECK(diagrams.are_rest(pieces, read(boxes[i]), taken, read(range_world())));
      CHECK((found.kind == analyse::Remainder::Kind::Nothing) == pieces.empty());
      ++(pieces.empty() ? nothing : whole);
    }
  }
  WARN(whole << " remainders, " << nothing << " times nothing, " << given_up << " given up");
  CHECK(whole > lists());
  CHECK(nothing > lists());
}

TEST_CASE("which rules make no difference is what decision diagrams say") {
  Diagrams diagrams;
  Counts counts;
  constexpr std::size_t kFewLines = 14;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    judge_redundant(
        ListPolicy(any_lines(kFewLines, random)),
        [&](const FamilyDifference& asked) {
          return diagrams.difference(asked.lists, asked.before, asked.after, asked.rows).is_there;
        },
        counts);
  }
  WARN(to_string(counts));
  CHECK(counts.redundant > lists() / 4);
  CHECK(counts.needed > lists());
  CHECK(counts.unfinished == 0);
}
