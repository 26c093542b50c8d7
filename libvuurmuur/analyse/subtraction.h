// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "analyse/ranks.h"

namespace vuurmuur::analyse {

/// Takes boxes away from a region, piece by piece. Keeps its memory from one region to the next.
class Subtraction {
 public:
  struct Near {
    const RankBox* box;
    std::uint32_t number;  ///< whatever the caller calls it by
  };
  enum class End : std::uint8_t {
    Whole,       ///< all pieces were given
    Stopped,     ///< who was given a piece wants no more
    OutOfSteps,  ///< there may be more
  };

  void clear() { near_.clear(); }
  void add(const RankBox& box, std::uint32_t number) { near_.push_back({&box, number}); }
  /// What was added since it was cleared: boxes that are to be taken away; each overlaps the region.
  [[nodiscard]] std::span<const Near> near() const { return near_; }

  /// Gives pieces of the region that are in no box, which have nothing in common and are all of it in the end; a piece
  /// is answered with whether more are wanted. `steps`: how many it may take, and those that are left.
  [[nodiscard]] End run(const RankBox& region, std::size_t& steps,
                        const std::function<bool(const RankBox&)>& take_piece);

  /// Behind run(), the numbers of boxes that something was taken away by, some of them more than once.
  [[nodiscard]] std::span<const std::uint32_t> used() const { return used_; }

 private:
  void sort_near(const RankBox& region);

  std::vector<Near> near_;
  std::vector<std::pair<double, Near>> sorted_;
  std::vector<std::pair<RankBox, std::size_t>> waiting_;  ///< parts, and where in near_ they go on
  std::vector<std::uint32_t> used_;
};

}  // namespace vuurmuur::analyse
