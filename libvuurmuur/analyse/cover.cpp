// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/cover.h"

#include <algorithm>

namespace vuurmuur::analyse {

Cover CoverSearch::of(const RankBox& box, const Among& among) {
  Cover cover;
  for (int probe = 0; probe < kProbes; ++probe) {
    RankPoint point;
    for (std::size_t f = 0; f < kFields; ++f)
      point[f] = box.first[f] + static_cast<std::uint32_t>(random_() % (std::uint64_t{box.last[f]} - box.first[f] + 1));
    if (index_.any(point, among) == BoxIndex::kNone) {
      cover.kind = Cover::Kind::Open;
      cover.witness = point;
      return cover;
    }
  }
  near_.clear();
  if (!index_.overlapping(box, among, kBudget, near_)) return cover;
  return of_near(box);
}

Cover CoverSearch::of(const RankBox& box, std::span<const std::uint32_t> numbers) {
  near_.clear();
  for (const std::uint32_t number : numbers)
    if (overlap(boxes_[number], box)) near_.push_back(number);
  return of_near(box);
}

/// Without points at random.
Cover CoverSearch::of_near(const RankBox& box) {
  // The first of those that hold it alone is the one to be told.
  std::uint32_t holder = BoxIndex::kNone;
  for (const std::uint32_t number : near_)
    if (number < holder && contains(boxes_[number], box)) holder = number;
  if (holder != BoxIndex::kNone) return {.kind = Cover::Kind::Whole, .by = {holder}};
  subtraction_.clear();
  for (const std::uint32_t number : near_) subtraction_.add(boxes_[number], number);
  Cover cover;
  std::size_t steps = kBudget;
  const Subtraction::End end = subtraction_.run(box, steps, [&](const RankBox& hole) {
    cover.witness = hole.first;
    return false;
  });
  if (end == Subtraction::End::OutOfSteps) return cover;
  cover.kind = end == Subtraction::End::Whole ? Cover::Kind::Whole : Cover::Kind::Open;
  if (cover.kind != Cover::Kind::Whole) return cover;
  cover.by.assign(subtraction_.used().begin(), subtraction_.used().end());
  std::ranges::sort(cover.by);
  cover.by.erase(std::ranges::unique(cover.by).begin(), cover.by.end());
  return cover;
}

}  // namespace vuurmuur::analyse
