// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/remainder.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vuurmuur::analyse {
namespace {

/// The logarithm of how much of a region a box holds.
double shared_part(const RankBox& region, const RankBox& box) {
  double part = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    const double width = std::min(region.last[f], box.last[f]) - std::max(region.first[f], box.first[f]) + 1.0;
    part += std::log(width / (region.last[f] - region.first[f] + 1.0));
  }
  return part;
}

}  // namespace

Remainders::Remainders(std::span<const RankBox> first, std::span<const RankBox> second, std::size_t all_steps)
    : boxes_{first, second}, index_{BoxIndex(first), BoxIndex(second)}, all_steps_(all_steps) {}

void Remainders::overlapping(std::size_t list, const RankBox& region, std::vector<std::uint32_t>& to) {
  to.clear();
  static_cast<void>(index_[list].overlapping(region, BoxIndex::kNone, SIZE_MAX, to));
  std::ranges::sort(to);
  all_steps_ -= std::min(all_steps_, to.size());
}

Remainder Remainders::of(const RankBox& region, std::uint32_t before_first, std::uint32_t before_second,
                         std::span<const RankBox> others) {
  if (all_steps_ == 0) return {.kind = Remainder::Kind::NotFinished};
  near_.clear();
  for (const std::size_t list : {0U, 1U}) {
    numbers_.clear();
    static_cast<void>(index_[list].overlapping(region, list == 0 ? before_first : before_second, SIZE_MAX, numbers_));
    for (const std::uint32_t number : numbers_) near_.push_back(&boxes_[list][number]);
  }
  for (const RankBox& other : others)
    if (overlap(other, region)) near_.push_back(&other);
  all_steps_ -= std::min(all_steps_, near_.size() + 1);
  if (near_.empty()) return {.kind = Remainder::Kind::Something, .pieces = {region}};
  if (std::ranges::any_of(near_, [&](const RankBox* box) { return contains(*box, region); })) return {};
  // Those that take most away come first.
  std::vector<std::pair<double, const RankBox*>> sorted;
  sorted.reserve(near_.size());
  for (const RankBox* box : near_) sorted.emplace_back(-shared_part(region, *box), box);
  std::ranges::stable_sort(sorted, {}, &std::pair<double, const RankBox*>::first);
  for (std::size_t i = 0; i < sorted.size(); ++i) near_[i] = sorted[i].second;
  steps_ = std::min(kSteps, all_steps_);
  const std::size_t began = steps_;
  Remainder found;
  found.is_whole = search(region, found);
  all_steps_ -= std::min(all_steps_, began - steps_);
  // What was found is true also when there may be more.
  found.kind = !found.pieces.empty() ? Remainder::Kind::Something
               : found.is_whole      ? Remainder::Kind::Nothing
                                     : Remainder::Kind::NotFinished;
  return found;
}

/// Takes away what is near; false when it was given up.
bool Remainders::search(const RankBox& region, Remainder& found) {
  waiting_.assign(1, {region, 0});
  while (!waiting_.empty()) {
    auto [part, from] = waiting_.back();
    waiting_.pop_back();
    for (; from < near_.size() && !overlap(part, *near_[from]); ++from)
      if (steps_ == 0 || --steps_ == 0) return false;
    if (steps_ == 0 || --steps_ == 0) return false;
    if (from == near_.size()) {
      if (found.pieces.size() == kPieces) return false;
      found.pieces.push_back(part);
      continue;
    }
    // What of the part lies outside, side by side; the rest is inside.
    const RankBox& other = *near_[from];
    for (std::size_t f = 0; f < kFields; ++f) {
      if (part.first[f] < other.first[f]) {
        waiting_.emplace_back(part, from + 1);
        waiting_.back().first.last[f] = other.first[f] - 1;
        part.first[f] = other.first[f];
      }
      if (part.last[f] > other.last[f]) {
        waiting_.emplace_back(part, from + 1);
        waiting_.back().first.first[f] = other.last[f] + 1;
        part.last[f] = other.last[f];
      }
    }
  }
  return true;
}

}  // namespace vuurmuur::analyse
