// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_sums.h"

#include <algorithm>
#include <limits>

#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

/// N of "rule N: …"; larger than any when the origin is no rule of the user's.
std::uint32_t rule_number(std::string_view origin) {
  constexpr std::string_view kRule = "rule ";
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  if (!origin.starts_with(kRule)) return kNone;
  origin.remove_prefix(kRule.size());
  return base::parse_number<std::uint32_t>(origin.substr(0, origin.find(':'))).value_or(kNone);
}

}  // namespace

std::uint32_t CounterSums::number_of(std::string_view origin) {
  if (const auto found = by_origin_.find(origin); found != by_origin_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(sums_.size());
  sums_.push_back({.origin = std::string(origin)});
  by_origin_.emplace(sums_.back().origin, number);
  return number;
}

void CounterSums::add(std::uint32_t origin, net::Family family, Place place, const Counters& counters) {
  Sum& sum = sums_[origin];
  const auto at = static_cast<std::size_t>(place);
  sum.counters[static_cast<std::size_t>(family)][at] += counters;
  sum.used[at] = true;
}

std::vector<RuleCounters> CounterSums::result() const {
  struct Numbered {
    std::uint32_t number;
    const Sum* sum;
  };
  std::vector<Numbered> order;
  order.reserve(sums_.size());
  for (const Sum& sum : sums_) order.push_back({.number = rule_number(sum.origin), .sum = &sum});
  std::ranges::stable_sort(order, {}, &Numbered::number);
  std::vector<RuleCounters> counters;
  counters.reserve(sums_.size());
  for (const auto& [number, sum] : order) {
    const auto place = static_cast<std::size_t>(std::ranges::find(sum->used, true) - sum->used.begin());
    counters.push_back({.origin = sum->origin, .ipv4 = sum->counters[0][place], .ipv6 = sum->counters[1][place]});
  }
  return counters;
}

base::Result<std::vector<RuleCounters>> read_counters(Kernel& kernel) {
  CounterSums sums;
  VM_TRY_VOID(add_xtables_counters(kernel, sums));
  // What counts for an origin was chosen when the rules were made.
  for (const net::Family family : net::kFamilies)
    for (const NftCounter& counter : VM_TRY(kernel.nft_counters(family)))
      if (!counter.label.empty()) sums.add(counter.label, family, CounterSums::Place::FilterVerdict, counter.counters);
  return sums.result();
}

}  // namespace vuurmuur::apply
