// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/remainder.h"

#include <algorithm>

namespace vuurmuur::analyse {

Remainders::Remainders(std::span<const RankBox> first, std::span<const RankBox> second, std::size_t all_steps)
    : boxes_{first, second}, index_{BoxIndex(first), BoxIndex(second)}, all_steps_(all_steps) {}

void Remainders::overlapping(std::size_t list, const RankBox& region, std::vector<std::uint32_t>& to) {
  to.clear();
  static_cast<void>(index_[list].overlapping(region, {}, SIZE_MAX, to));
  std::ranges::sort(to);
  all_steps_ -= std::min(all_steps_, to.size());
}

Remainder Remainders::of(const RankBox& region, std::uint32_t before_first, std::uint32_t before_second,
                         std::span<const RankBox> others) {
  if (all_steps_ == 0) return {.kind = Remainder::Kind::NotFinished};
  subtraction_.clear();
  for (const std::size_t list : {0U, 1U}) {
    numbers_.clear();
    static_cast<void>(
        index_[list].overlapping(region, {.before = list == 0 ? before_first : before_second}, SIZE_MAX, numbers_));
    for (const std::uint32_t number : numbers_) subtraction_.add(boxes_[list][number], number);
  }
  for (const RankBox& other : others)
    if (overlap(other, region)) subtraction_.add(other, 0);
  const std::span<const Subtraction::Near> near = subtraction_.near();
  all_steps_ -= std::min(all_steps_, near.size() + 1);
  if (near.empty()) return {.kind = Remainder::Kind::Something, .pieces = {region}};
  if (std::ranges::any_of(near, [&](const Subtraction::Near& each) { return contains(*each.box, region); })) return {};
  const std::size_t began = std::min(kSteps, all_steps_);
  std::size_t steps = began;
  Remainder found;
  const Subtraction::End end = subtraction_.run(region, steps, [&](const RankBox& piece) {
    if (found.pieces.size() == kPieces) return false;
    found.pieces.push_back(piece);
    return true;
  });
  found.is_whole = end == Subtraction::End::Whole;
  all_steps_ -= std::min(all_steps_, began - steps);
  // What was found is true also when there may be more.
  found.kind = !found.pieces.empty() ? Remainder::Kind::Something
               : found.is_whole      ? Remainder::Kind::Nothing
                                     : Remainder::Kind::NotFinished;
  return found;
}

}  // namespace vuurmuur::analyse
