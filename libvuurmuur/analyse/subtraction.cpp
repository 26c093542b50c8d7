// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/subtraction.h"

#include <algorithm>
#include <cmath>

namespace vuurmuur::analyse {
namespace {

/// How much of a region a box holds, as a logarithm: of all of it 0.
double shared_part(const RankBox& region, const RankBox& box) {
  double part = 0;
  for (std::size_t f = 0; f < kFields; ++f) {
    if (box.first[f] <= region.first[f] && region.last[f] <= box.last[f]) continue;
    const double width = std::min(region.last[f], box.last[f]) - std::max(region.first[f], box.first[f]) + 1.0;
    part += std::log(width / (region.last[f] - region.first[f] + 1.0));
  }
  return part;
}

}  // namespace

/// Those that take most away come first.
void Subtraction::sort_near(const RankBox& region) {
  if (near_.size() < 2) return;
  sorted_.clear();
  for (const Near& each : near_) sorted_.emplace_back(-shared_part(region, *each.box), each);
  std::ranges::stable_sort(sorted_, {}, &std::pair<double, Near>::first);
  for (std::size_t i = 0; i < sorted_.size(); ++i) near_[i] = sorted_[i].second;
}

Subtraction::End Subtraction::run(const RankBox& region, std::size_t& steps,
                                  const std::function<bool(const RankBox&)>& take_piece) {
  used_.clear();
  sort_near(region);
  waiting_.assign(1, {region, 0});
  while (!waiting_.empty()) {
    auto [part, from] = waiting_.back();
    waiting_.pop_back();
    for (; from < near_.size() && !overlap(part, *near_[from].box); ++from)
      if (steps == 0 || --steps == 0) return End::OutOfSteps;
    if (steps == 0 || --steps == 0) return End::OutOfSteps;
    if (from == near_.size()) {
      if (!take_piece(part)) return End::Stopped;
      continue;
    }
    used_.push_back(near_[from].number);
    // What of the part lies outside, side by side; the rest is inside.
    const RankBox& other = *near_[from].box;
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
  return End::Whole;
}

}  // namespace vuurmuur::analyse
