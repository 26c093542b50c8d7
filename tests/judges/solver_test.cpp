// SPDX-License-Identifier: GPL-2.0-or-later
// Lists made by chance, before the analysis and before Z3. VUURMUUR_RANDOM_LISTS sets how many, VUURMUUR_RANDOM_SEED
// the first one's seed.
#include "solver.h"

#include <random>

#include "list_answers.h"
#include "support/catch.h"
#include "support/number_from.h"

using namespace vuurmuur;
using namespace vuurmuur::judges;

namespace {

constexpr std::size_t kMostLines = 30, kMostBoxes = 30;

unsigned first_seed() { return test::number_from("VUURMUUR_RANDOM_SEED", 1); }
unsigned lists() { return test::number_from("VUURMUUR_RANDOM_LISTS", 25); }

}  // namespace

TEST_CASE("which rules can match is what a solver says") {
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    judge_reach(ListPolicy(any_lines(kMostLines, random)), solve_is_left, counts);
  }
  WARN(to_string(counts));
  CHECK(counts.never > lists() / 4);
}

TEST_CASE("which boxes others cover is what a solver says") {
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    judge_cover(range_boxes(5 + random() % (kMostBoxes - 4), random), solve_is_left, counts);
  }
  WARN(to_string(counts));
  CHECK(counts.never > lists() / 3);
  CHECK(counts.by_many > lists() / 10);
}

TEST_CASE("whether two lists treat a packet otherwise is what a solver says") {
  Counts counts;
  for (unsigned seed = first_seed(); seed < first_seed() + lists(); ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const Lines lines = any_lines(kMostLines, random);
    judge_diff(
        ListPolicy(lines), ListPolicy(edited(lines, any_lines(5, random), random)),
        [](const FamilyDifference& asked) {
          CHECK(solve_differ(asked.lists, asked.before, asked.after) == !asked.rows.empty());
        },
        counts);
  }
  WARN(to_string(counts));
  CHECK(counts.equal > 0);
  CHECK(counts.equal < counts.pairs);
}
