// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/common_rules.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

namespace vuurmuur::analyse {
namespace {

/// Where in a list hashes are: a table of chains, each from the first place on.
class Places {
 public:
  explicit Places(std::span<const std::uint64_t> hashes)
      : hashes_(hashes), heads_(std::bit_ceil(2 * hashes.size() + 1), kEnd), next_(hashes.size()) {
    for (std::size_t i = hashes.size(); i > 0; --i) {
      std::uint32_t& head = heads_[slot(hashes[i - 1])];
      next_[i - 1] = head;
      head = static_cast<std::uint32_t>(i - 1);
    }
  }

  /// The first place of a hash that was not given yet.
  [[nodiscard]] std::optional<std::size_t> next(std::uint64_t hash) {
    for (std::uint32_t* at = &heads_[slot(hash)]; *at != kEnd; at = &next_[*at])
      if (const std::uint32_t place = *at; hashes_[place] == hash) {
        *at = next_[place];
        return place;
      }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  [[nodiscard]] std::size_t slot(std::uint64_t hash) const { return (hash ^ hash >> 32) & (heads_.size() - 1); }

  std::span<const std::uint64_t> hashes_;
  std::vector<std::uint32_t> heads_, next_;
};

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
  Places places(second.subspan(begin, end2 - begin));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t i = begin; i < end1; ++i) {
    const std::optional<std::size_t> place = places.next(first[i]);
    if (place && are_same(i, begin + *place))
      pairs.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(begin + *place));
  }
  for (const std::size_t pair : longest_rising(pairs)) join(pairs[pair].first, pairs[pair].second);
  return common;
}

}  // namespace vuurmuur::analyse
