// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/common_rules.h"

#include <algorithm>
#include <unordered_map>

namespace vuurmuur::analyse {
namespace {

/// Pairs of places, the first ones rising: those of them whose second ones rise too, as many as possible.
std::vector<std::size_t> longest_rising(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& pairs) {
  std::vector<std::size_t> ends;                  // of the best sequence of each length, the pair that it ends with
  std::vector<std::size_t> before(pairs.size());  // the pair before it in its sequence
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto at =
        std::ranges::lower_bound(ends, pairs[i].second, {}, [&](std::size_t pair) { return pairs[pair].second; });
    before[i] = at == ends.begin() ? pairs.size() : *(at - 1);
    if (at == ends.end())
      ends.push_back(i);
    else
      *at = i;
  }
  std::vector<std::size_t> sequence;
  for (std::size_t i = ends.empty() ? pairs.size() : ends.back(); i < pairs.size(); i = before[i])
    sequence.push_back(i);
  return sequence;
}

}  // namespace

Common common_part(std::span<const std::uint64_t> first, std::span<const std::uint64_t> second,
                   const std::function<bool(std::size_t, std::size_t)>& are_same) {
  Common common{.of_first = std::vector(first.size(), Common::kNone),
                .of_second = std::vector(second.size(), Common::kNone)};
  const auto join = [&](std::size_t i, std::size_t j) {
    common.of_first[i] = static_cast<std::uint32_t>(j);
    common.of_second[j] = static_cast<std::uint32_t>(i);
  };
  const auto is_pair = [&](std::size_t i, std::size_t j) { return first[i] == second[j] && are_same(i, j); };
  std::size_t begin = 0, end1 = first.size(), end2 = second.size();
  for (; begin < end1 && begin < end2 && is_pair(begin, begin); ++begin) join(begin, begin);
  for (; end1 > begin && end2 > begin && is_pair(end1 - 1, end2 - 1); --end1, --end2) join(end1 - 1, end2 - 1);
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> places;  // in the second list, the last one first
  for (std::size_t j = end2; j > begin; --j) places[second[j - 1]].push_back(static_cast<std::uint32_t>(j - 1));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t i = begin; i < end1; ++i) {
    const auto found = places.find(first[i]);
    if (found == places.end() || found->second.empty()) continue;
    if (are_same(i, found->second.back())) pairs.emplace_back(static_cast<std::uint32_t>(i), found->second.back());
    found->second.pop_back();
  }
  for (const std::size_t pair : longest_rising(pairs)) join(pairs[pair].first, pairs[pair].second);
  return common;
}

}  // namespace vuurmuur::analyse
