// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "analyse/box.h"
#include "prove/program.h"

namespace vuurmuur::prove {

/// Situations as numbers, so that regions become boxes: Field::Chain gets the piece of all situations that the programs
/// can tell from others. Flags that no program tells apart share a piece, and so do packet marks, and numbers of a
/// kind.
class Encoding {
 public:
  Encoding(const RegionPile& regions, std::span<const Program* const> programs);

  /// The pieces that a situation is, as values of Field::Chain.
  [[nodiscard]] std::vector<analyse::Interval> pieces(const Situation& when) const;
  /// A situation that has a value of Field::Chain: one of each, and of flags the most usual.
  [[nodiscard]] Situation situation(std::uint64_t value) const;

 private:
  [[nodiscard]] std::size_t cells() const { return 5 * flags_.size() * packet_marks_.size(); }

  std::vector<std::uint64_t> flags_;                     ///< values that no program tells apart, as sets
  std::vector<std::uint64_t> packet_marks_;              ///< the same of classes of packet marks
  std::array<std::vector<std::uint32_t>, 4> numbers_{};  ///< by kind, where pieces begin
  std::array<std::uint64_t, 5> begin_{};                 ///< of the pieces of each kind, over all kinds
};

}  // namespace vuurmuur::prove
