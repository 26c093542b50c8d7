// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string_view>
#include <vector>

#include "apply/rule_counters.h"
#include "apply/rule_labels.h"

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

  [[nodiscard]] bool is_empty() const { return sums_.empty(); }

  /// Adds what others are, behind what is there.
  void add_all(const CounterSums& others);

  /// The sums: rules of the user by number, then all else in the order in which it was added.
  [[nodiscard]] std::vector<RuleCounters> result() const;

 private:
  struct Sum {
    std::string_view origin;  ///< in texts_
    std::size_t hash;         ///< of it
    std::array<Counters, 2> counters{};
    Place place = Place::Mangle;  ///< where they are counted
  };

  [[nodiscard]] std::uint32_t number_of(std::string_view origin, std::size_t hash);
  [[nodiscard]] std::string_view kept(std::string_view text);
  void grow_index();

  std::vector<Sum> sums_;
  /// A hash table of open addressing, its size a power of two: 0, or one more than a number in sums_. There are as many
  /// origins as rules, and one node of memory for each would cost more than everything else here.
  std::vector<std::uint32_t> index_;
  std::vector<std::unique_ptr<char[]>> texts_;  ///< pieces of memory that origins stand in, one behind the other
  char* end_ = nullptr;                         ///< behind what stands in the last one
  std::size_t left_ = 0;                        ///< of it
};

/// Feeds the sums with what ip_tables, ip6_tables and ip_set hold.
[[nodiscard]] base::Result<void> add_xtables_counters(Kernel& kernel,
                                                      const std::shared_future<base::Result<RuleLabels>>& labels,
                                                      CounterSums& sums);

}  // namespace vuurmuur::apply
