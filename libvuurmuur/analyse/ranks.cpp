// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/ranks.h"

#include <algorithm>

namespace vuurmuur::analyse {

Ranks::Ranks(std::span<const Box> boxes) {
  for (std::size_t f = 0; f < kFields; ++f) {
    std::vector<Value>& cuts = cuts_[f];
    cuts.push_back({});
    for (const Box& box : boxes) {
      if (box.fields[f] == Interval{}) continue;
      cuts.push_back(box.fields[f].first);
      if (box.fields[f].last != kLastValue) cuts.push_back(box.fields[f].last.next());
    }
    std::ranges::sort(cuts);
    cuts.erase(std::ranges::unique(cuts).begin(), cuts.end());
  }
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
