// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/cover.h"

#include <algorithm>
#include <cmath>

namespace vuurmuur::analyse {
namespace {

/// The logarithm of how much of a box another one holds.
double shared_part(const RankBox& box, const RankBox& other) {
  double part = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    const double width = std::min(box.last[f], other.last[f]) - std::max(box.first[f], other.first[f]) + 1.0;
    part += std::log(width / (box.last[f] - box.first[f] + 1.0));
  }
  return part;
}

}  // namespace

Cover CoverSearch::of(const RankBox& box, std::uint32_t before) {
  Cover cover;
  for (int probe = 0; probe < kProbes; ++probe) {
    RankPoint point;
    for (std::size_t f = 0; f < kFields; ++f)
      point[f] = box.first[f] + static_cast<std::uint32_t>(random_() % (std::uint64_t{box.last[f]} - box.first[f] + 1));
    if (index_.any_before(point, before) == BoxIndex::kNone) {
      cover.kind = Cover::Kind::Open;
      cover.witness = point;
      return cover;
    }
  }
  near_.clear();
  if (!index_.overlapping(box, before, kBudget, near_)) return cover;
  const auto holder = std::ranges::find_if(near_, [&](std::uint32_t number) { return contains(boxes_[number], box); });
  if (holder != near_.end()) {
    // The first of those that hold it alone is the one to be told.
    std::uint32_t first = *holder;
    for (const std::uint32_t number : near_)
      if (number < first && contains(boxes_[number], box)) first = number;
    return {.kind = Cover::Kind::Whole, .by = {first}};
  }
  // Those that take most away come first.
  std::vector<std::pair<double, std::uint32_t>> sorted;
  sorted.reserve(near_.size());
  for (const std::uint32_t number : near_) sorted.emplace_back(-shared_part(box, boxes_[number]), number);
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) near_[i] = sorted[i].second;
  steps_ = 0;
  switch (search(box, 0, cover)) {
    case Found::Covered: cover.kind = Cover::Kind::Whole; break;
    case Found::Hole: cover.kind = Cover::Kind::Open; break;
    case Found::OutOfSteps: cover.kind = Cover::Kind::NotFinished; break;
  }
  std::ranges::sort(cover.by);
  cover.by.erase(std::ranges::unique(cover.by).begin(), cover.by.end());
  if (cover.kind != Cover::Kind::Whole) cover.by.clear();
  return cover;
}

/// Whether a region is covered by the boxes from a place in near_ on.
CoverSearch::Found CoverSearch::search(RankBox region, std::size_t from, Cover& cover) {
  for (; from < near_.size(); ++from) {
    if (++steps_ > kBudget) return Found::OutOfSteps;
    const RankBox& other = boxes_[near_[from]];
    if (!overlap(region, other)) continue;
    cover.by.push_back(near_[from]);
    // What of the region lies outside, side by side; the rest is inside.
    for (std::size_t f = 0; f < kFields; ++f) {
      if (region.first[f] < other.first[f]) {
        RankBox below = region;
        below.last[f] = other.first[f] - 1;
        if (const Found found = search(below, from + 1, cover); found != Found::Covered) return found;
        region.first[f] = other.first[f];
      }
      if (region.last[f] > other.last[f]) {
        RankBox above = region;
        above.first[f] = other.last[f] + 1;
        if (const Found found = search(above, from + 1, cover); found != Found::Covered) return found;
        region.last[f] = other.last[f];
      }
    }
    return Found::Covered;
  }
  cover.witness = region.first;
  return Found::Hole;
}

}  // namespace vuurmuur::analyse
