// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "analyse/box_pile.h"
#include "base/numbered.h"
#include "prove/region.h"

namespace vuurmuur::prove {

/// A region in little room, by what a RegionPile has.
struct RegionNumbers {
  std::array<std::uint32_t, analyse::kFields> fields{};  ///< of intervals
  std::uint32_t when = 0;                                ///< of a situation
};

/// What many regions are made of: most share the intervals of their fields with others, and nearly all their situation.
class RegionPile {
 public:
  [[nodiscard]] RegionNumbers numbers_of(const Region& region);
  [[nodiscard]] Region region(const RegionNumbers& numbers) const;
  /// What a region shares with another one; nothing when they share no packet.
  [[nodiscard]] std::optional<Region> common(const Region& region, const RegionNumbers& other) const;

  [[nodiscard]] std::span<const analyse::Interval> intervals(std::size_t field) const {
    return intervals_[field].all();
  }
  [[nodiscard]] const Situation& situation(std::uint32_t number) const { return situations_[number]; }
  [[nodiscard]] std::size_t situations() const { return situations_.all().size(); }

 private:
  struct HashOfSituation {
    [[nodiscard]] std::uint64_t operator()(const Situation& when) const;
  };
  std::array<analyse::Intervals, analyse::kFields> intervals_;
  base::Numbered<Situation, HashOfSituation> situations_;
};

}  // namespace vuurmuur::prove
