// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <random>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "certificate.h"
#include "random_lists.h"

// What the analysis answers about lists of rules, for another judge to say the same.
namespace vuurmuur::judges {

/// By box of a list in a world: whether rules before its own leave it a packet.
using IsLeft = std::function<std::vector<bool>(const List& list, const Box& world)>;

struct Counts {
  unsigned lists = 0, boxes = 0, never = 0, by_many = 0, reached = 0;
  unsigned pairs = 0, equal = 0, rows = 0, outlines = 0, unfinished = 0;
  unsigned redundant = 0, needed = 0;
};

/// Policies of both kinds, and of the lengths that a judge has time for.
[[nodiscard]] Lines any_lines(std::size_t most, std::mt19937& random);

/// Which rules can match, and what shows it (certificate.h).
void judge_reach(const ListPolicy& policy, const IsLeft& judge, Counts& counts);

/// Which boxes those before them cover.
void judge_cover(std::span<const analyse::Box> boxes, const IsLeft& judge, Counts& counts);

/// What two policies treat otherwise in a family.
struct FamilyDifference {
  Comparison lists;
  std::function<int(std::size_t rule)> before, after;  ///< what becomes of a packet that a rule, or none, takes
  std::vector<Box> rows;
  bool is_outline = false;  ///< of some row
};
/// For each family that question is put to the judge, and the rows are shown to hold.
void judge_diff(const ListPolicy& before, const ListPolicy& after,
                const std::function<void(const FamilyDifference&)>& judge, Counts& counts);

/// Which rules make no difference: of all of them the judge is asked whether lists with and without them differ.
void judge_redundant(const ListPolicy& policy, const std::function<bool(const FamilyDifference&)>& differ,
                     Counts& counts);

[[nodiscard]] std::string to_string(const Counts& counts);

}  // namespace vuurmuur::judges
