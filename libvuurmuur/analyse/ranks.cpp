// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/ranks.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vuurmuur::analyse {

namespace {

BoxPile pile_of(std::span<const Box> boxes) {
  BoxPile pile;
  for (const Box& box : boxes) pile.add(box);
  return pile;
}

}  // namespace

Ranks::Ranks(std::span<const Box> boxes) : Ranks(pile_of(boxes)) {}

Ranks::Ranks(const BoxPile& boxes) {
  for (std::size_t f = 0; f < kFields; ++f) {
    std::vector<Value>& cuts = cuts_[f];
    cuts.push_back({});
    for (const Interval& interval : boxes.intervals(f)) {
      cuts.push_back(interval.first);
      if (interval.last != kLastValue) cuts.push_back(interval.last.next());
    }
    std::ranges::sort(cuts);
    cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());
  }
}

std::vector<RankBox> Ranks::of(const BoxPile& boxes, std::size_t count) const {
  std::vector<RankBox> ranked(count);
  for (std::size_t f = 0; f < kFields; ++f) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranks;
    ranks.reserve(boxes.intervals(f).size());
    for (const Interval& interval : boxes.intervals(f))
      ranks.emplace_back(rank(f, interval.first), rank(f, interval.last));
    for (std::size_t i = 0; i < count; ++i)
      std::tie(ranked[i].first[f], ranked[i].last[f]) = ranks[boxes.boxes()[i][f]];
  }
  return ranked;
}

std::uint32_t Ranks::rank(std::size_t field, const Value& value) const {
  const std::vector<Value>& cuts = cuts_[field];
  return static_cast<std::uint32_t>(std::ranges::upper_bound(cuts, value) - cuts.begin() - 1);
}

RankBox Ranks::of(const Box& box) const {
  RankBox ranks;
  for (std::size_t f = 0; f < kFields; ++f) {
    if (box.fields[f] == Interval{}) {
      ranks.last[f] = static_cast<std::uint32_t>(cuts_[f].size() - 1);
      continue;
    }
    ranks.first[f] = rank(f, box.fields[f].first);
    ranks.last[f] = rank(f, box.fields[f].last);
  }
  return ranks;
}

RankPoint Ranks::of(const Point& point) const {
  RankPoint ranks;
  for (std::size_t f = 0; f < kFields; ++f) ranks[f] = rank(f, point[f]);
  return ranks;
}

Box Ranks::box(const RankBox& ranks) const {
  Box box;
  for (std::size_t f = 0; f < kFields; ++f) {
    const std::size_t behind = ranks.last[f] + std::size_t{1};
    box.fields[f].first = cuts_[f][ranks.first[f]];
    box.fields[f].last = behind < cuts_[f].size() ? cuts_[f][behind].before() : kLastValue;
  }
  return box;
}

Point Ranks::point(const RankPoint& ranks) const {
  Point point;
  for (std::size_t f = 0; f < kFields; ++f) point[f] = cuts_[f][ranks[f]];
  return point;
}

}  // namespace vuurmuur::analyse
