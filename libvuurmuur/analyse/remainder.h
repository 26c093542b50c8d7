// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/box_index.h"
#include "analyse/ranks.h"
#include "analyse/subtraction.h"

namespace vuurmuur::analyse {

/// What of a box is in no other ones.
struct Remainder {
  enum class Kind : std::uint8_t { Nothing, Something, NotFinished };
  Kind kind = Kind::Nothing;
  std::vector<RankBox> pieces;  ///< of Something: that have nothing in common, and all of it when `is_whole`
  bool is_whole = true;
};

/// Takes boxes of two lists away from a box.
class Remainders {
 public:
  /// Steps of taking away for one question, and pieces that it is given up at.
  static constexpr std::size_t kSteps = 50'000, kPieces = 200;

  /// The lists must outlive it. `all_steps`: for all questions together; each one that comes when they are used up is
  /// not finished.
  Remainders(std::span<const RankBox> first, std::span<const RankBox> second, std::size_t all_steps);

  /// What of a region is in no box of the first list before number `before_first`, in none of the second before number
  /// `before_second`, and in none of `others`.
  [[nodiscard]] Remainder of(const RankBox& region, std::uint32_t before_first, std::uint32_t before_second,
                             std::span<const RankBox> others = {});

  /// Appends the numbers of boxes of a list that overlap a region, in order.
  void overlapping(std::size_t list, const RankBox& region, std::vector<std::uint32_t>& to);

  [[nodiscard]] const BoxIndex& index(std::size_t list) const { return index_[list]; }
  [[nodiscard]] std::size_t steps_left() const { return all_steps_; }

 private:
  std::array<std::span<const RankBox>, 2> boxes_;
  std::array<BoxIndex, 2> index_;
  std::size_t all_steps_;
  Subtraction subtraction_;
  std::vector<std::uint32_t> numbers_;
};

}  // namespace vuurmuur::analyse
