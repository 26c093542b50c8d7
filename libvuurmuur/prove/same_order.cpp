// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/same_order.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace vuurmuur::prove {
namespace {

bool contains(const Region& outer, const Region& inner) { return common(outer, inner) == inner; }

class Ordering {
 public:
  Ordering(const SavedProgram& first, const SavedProgram& second) : programs_{&first, &second} {
    for (const std::size_t side : {0U, 1U})
      for (std::uint32_t i = 0; i < programs_[side]->entries.size(); ++i)
        if (!programs_[side]->entries[i].ends) {
          by_behaviour_[side][programs_[side]->entries[i].behaviour].push_back(
              static_cast<std::uint32_t>(passing_[side].size()));
          passing_[side].push_back(i);
        }
  }

  std::size_t run() {
    // What both begin and end with alike is in the same order: of each pair one stands between those.
    const std::size_t sizes[] = {passing_[0].size(), passing_[1].size()}, least = std::min(sizes[0], sizes[1]);
    const auto is_same = [&](std::size_t one, std::size_t other) {
      return entry(0, one).behaviour == entry(1, other).behaviour && entry(0, one).region == entry(1, other).region;
    };
    std::size_t begin = 0, end = 0, wrong = 0;
    while (begin < least && is_same(begin, begin)) ++begin;
    while (begin + end < least && is_same(sizes[0] - 1 - end, sizes[1] - 1 - end)) ++end;
    for (const std::size_t side : {0U, 1U})
      for (std::size_t k = begin; k < sizes[side] - end; ++k)
        for (std::size_t other = 0; other < sizes[side]; ++other) {
          const std::size_t one = std::min(k, other), next = std::max(k, other);
          if (one == next || (!entry(side, one).is_uncertain && !entry(side, next).is_uncertain)) continue;
          const auto packets = common(entry(side, one).region, entry(side, next).region);
          if (packets && !is_in_order(side, one, next, *packets) && !is_ended_before(side, next, *packets)) ++wrong;
        }
    return wrong;
  }

 private:
  [[nodiscard]] const SavedEntry& entry(std::size_t side, std::size_t passing) const {
    return programs_[side]->entries[passing_[side][passing]];
  }

  [[nodiscard]] bool is_in_order(std::size_t side, std::size_t one, std::size_t next, const Region& packets) {
    const std::uint32_t first = entry(side, one).behaviour, second = entry(side, next).behaviour;
    if (first == second) return true;
    for (const std::uint32_t behaviour : {second, first})
      for (const std::uint32_t k : by_behaviour_[side][behaviour])
        if (k < one && contains(entry(side, k).region, packets)) return true;
    const std::size_t other = 1 - side;
    std::uint32_t until = UINT32_MAX;
    for (const std::uint32_t k : by_behaviour_[other][first])
      if (contains(entry(other, k).region, packets)) until = std::min(until, k);
    return until != UINT32_MAX && std::ranges::none_of(by_behaviour_[other][second], [&](std::uint32_t k) {
             return k < until && common(entry(other, k).region, packets);
           });
  }

  /// Whether an entry before ends all of them, so that they do not get to the later one.
  [[nodiscard]] bool is_ended_before(std::size_t side, std::size_t next, const Region& packets) const {
    const std::vector<SavedEntry>& entries = programs_[side]->entries;
    return std::any_of(entries.begin(), entries.begin() + passing_[side][next],
                       [&](const SavedEntry& each) { return each.ends && contains(each.region, packets); });
  }

  std::array<const SavedProgram*, 2> programs_;
  std::array<std::vector<std::uint32_t>, 2> passing_;                                          ///< places in entries
  std::array<std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>, 2> by_behaviour_;  ///< in passing_
};

}  // namespace

std::size_t pairs_in_another_order(const SavedProgram& first, const SavedProgram& second) {
  return Ordering(first, second).run();
}

}  // namespace vuurmuur::prove
