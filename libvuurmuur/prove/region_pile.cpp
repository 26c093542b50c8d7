// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/region_pile.h"

namespace vuurmuur::prove {

std::uint64_t RegionPile::HashOfSituation::operator()(const Situation& when) const {
  constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
  std::uint64_t hash = when.flags * kOdd;
  hash = (hash ^ hash >> 32 ^ when.states ^ std::uint64_t{when.kinds} << 8 ^ std::uint64_t{when.first_number} << 16) *
         kOdd;
  hash = (hash ^ hash >> 32 ^ when.last_number ^ when.packet_marks << 8) * kOdd;
  return hash ^ hash >> 32;
}

RegionNumbers RegionPile::numbers_of(const Region& region) {
  RegionNumbers numbers;
  for (std::size_t f = 0; f < analyse::kFields; ++f) numbers.fields[f] = intervals_[f].number_of(region.box.fields[f]);
  numbers.when = situations_.number_of(region.when);
  return numbers;
}

std::optional<Region> RegionPile::common(const Region& region, const RegionNumbers& other) const {
  // Most regions of a text have nothing in common with one: that is seen before anything is copied.
  for (std::size_t f = 0; f < analyse::kFields; ++f) {
    const analyse::Interval &own = region.box.fields[f], &its = intervals_[f][other.fields[f]];
    if (own.last < its.first || its.last < own.first) return std::nullopt;
  }
  return prove::common(region, this->region(other));
}

Region RegionPile::region(const RegionNumbers& numbers) const {
  Region region;
  for (std::size_t f = 0; f < analyse::kFields; ++f) region.box.fields[f] = intervals_[f][numbers.fields[f]];
  region.when = situations_[numbers.when];
  return region;
}

}  // namespace vuurmuur::prove
