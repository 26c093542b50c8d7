// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "analyse/box_index.h"
#include "analyse/ranks.h"
#include "analyse/subtraction.h"

namespace vuurmuur::analyse {

/// Whether boxes together hold all of another one.
struct Cover {
  enum class Kind : std::uint8_t {
    Whole,        ///< every packet of it is in one of `by`
    Open,         ///< `witness` is in none of them
    NotFinished,  ///< the budget ran out: nothing is known
  };
  Kind kind = Kind::NotFinished;
  std::vector<std::uint32_t> by;  ///< numbers of boxes that were needed
  RankPoint witness{};
};

/// Answers that for boxes in an order, by looking where the question is: most boxes that are not covered have a point
/// at random that is in no other, most that are covered are in one, and of the rest those that overlap are taken away
/// piece by piece.
class CoverSearch {
 public:
  /// Steps of taking away for one question. What needs more than that is an adversary's.
  static constexpr std::size_t kBudget = 200'000;
  static constexpr int kProbes = 12;

  /// The boxes and their index must outlive it.
  CoverSearch(std::span<const RankBox> boxes, const BoxIndex& index) : boxes_(boxes), index_(index) {}

  /// A box against some of the boxes.
  [[nodiscard]] Cover of(const RankBox& box, const Among& among);
  /// A box against those with these numbers.
  [[nodiscard]] Cover of(const RankBox& box, std::span<const std::uint32_t> numbers);

 private:
  [[nodiscard]] Cover of_near(const RankBox& box);

  std::span<const RankBox> boxes_;
  const BoxIndex& index_;
  std::minstd_rand random_{20260101};
  std::vector<std::uint32_t> near_;  ///< the numbers of those that overlap the box
  Subtraction subtraction_;
};

}  // namespace vuurmuur::analyse
