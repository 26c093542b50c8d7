// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apply/rule_counters.h"

namespace vuurmuur::apply {

/// Sums by origin, fed with whatever the kernel counts; each engine has a reader that feeds it.
class CounterSums {
 public:
  /// Where something is counted. Of an origin's places that are used the first in this order holds its sum.
  enum class Place : std::uint8_t { FilterVerdict, Nat, RawVerdict, FilterEffect, RawEffect, Mangle };

  /// An origin's number, for add(); origins that are equal have the same.
  [[nodiscard]] std::uint32_t number_of(std::string_view origin);

  void add(std::uint32_t origin, net::Family family, Place place, const Counters& counters);
  void add(std::string_view origin, net::Family family, Place place, const Counters& counters) {
    add(number_of(origin), family, place, counters);
  }

  /// The sums: rules of the user by number, then all else in the order in which it was added.
  [[nodiscard]] std::vector<RuleCounters> result() const;

 private:
  static constexpr std::size_t kPlaces = 6;
  struct Sum {
    std::string origin;
    std::array<std::array<Counters, kPlaces>, 2> counters{};
    std::array<bool, kPlaces> used{};  ///< in any family
  };

  std::deque<Sum> sums_;  ///< they stay where they are: their origins are viewed
  std::unordered_map<std::string_view, std::uint32_t> by_origin_;
};

/// Feeds the sums with what ip_tables, ip6_tables and ip_set hold.
[[nodiscard]] base::Result<void> add_xtables_counters(Kernel& kernel, CounterSums& sums);

}  // namespace vuurmuur::apply
