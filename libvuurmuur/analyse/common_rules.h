// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace vuurmuur::analyse {

/// Members of two lists that are the same and stand in the same order in both.
struct Common {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  /// By place in the first list the place in the second, and the other way round.
  std::vector<std::uint32_t> of_first, of_second;
};

/// Any common part is right for what rests on it, and a long one makes it fast: this is the longest of those in which
/// the n-th of several members with one hash goes with the n-th in the other list. `are_same(i, j)` is asked of members
/// with equal hashes.
[[nodiscard]] Common common_part(std::span<const std::uint64_t> first, std::span<const std::uint64_t> second,
                                 const std::function<bool(std::size_t, std::size_t)>& are_same);

}  // namespace vuurmuur::analyse
