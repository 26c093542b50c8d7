// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
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

  void add(std::string_view origin, net::Family family, Place place, const Counters& counters);

  /// The sums: rules of the user by number, then all else in the order in which it was added.
  [[nodiscard]] std::vector<RuleCounters> result() const;

 private:
  static constexpr std::size_t kPlaces = 6;
  struct Sum {
    std::string origin;
    std::array<std::array<Counters, kPlaces>, 2> counters{};
    std::array<bool, kPlaces> used{};  ///< in any family
  };

  std::vector<Sum> sums_;
  std::unordered_map<std::string, std::size_t> by_origin_;
};

/// Feeds the sums with what ip_tables, ip6_tables and ip_set hold.
[[nodiscard]] base::Result<void> add_xtables_counters(Kernel& kernel, CounterSums& sums);

}  // namespace vuurmuur::apply
