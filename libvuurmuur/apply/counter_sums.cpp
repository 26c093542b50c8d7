// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/counter_sums.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

#include "base/strings.h"

namespace vuurmuur::apply {
namespace {

constexpr std::size_t kLeastIndex = 1024, kTextPiece = 64 << 10;

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
  return number_of(origin, std::hash<std::string_view>()(origin));
}

std::uint32_t CounterSums::number_of(std::string_view origin, std::size_t hash) {
  if (2 * sums_.size() >= index_.size()) grow_index();
  std::size_t at = hash & (index_.size() - 1);
  for (; index_[at] != 0; at = (at + 1) & (index_.size() - 1)) {
    const std::uint32_t number = index_[at] - 1;
    if (sums_[number].hash == hash && sums_[number].origin == origin) return number;
  }
  sums_.push_back({.origin = kept(origin), .hash = hash});
  index_[at] = static_cast<std::uint32_t>(sums_.size());
  return index_[at] - 1;
}

void CounterSums::grow_index() {
  index_.assign(std::max(kLeastIndex, 4 * index_.size()), 0);
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    std::size_t at = sums_[i].hash & (index_.size() - 1);
    while (index_[at] != 0) at = (at + 1) & (index_.size() - 1);
    index_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

std::string_view CounterSums::kept(std::string_view text) {
  if (text.size() > left_) {
    left_ = std::max(kTextPiece, text.size());
    texts_.push_back(std::make_unique_for_overwrite<char[]>(left_));
    end_ = texts_.back().get();
  }
  char* const to = end_;
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  end_ += text.size();
  left_ -= text.size();
  return {to, text.size()};
}

void CounterSums::add(std::uint32_t origin, net::Family family, Place place, const Counters& counters) {
  Sum& sum = sums_[origin];
  if (place > sum.place) return;
  if (place < sum.place) {
    sum.place = place;
    sum.counters = {};
  }
  sum.counters[static_cast<std::size_t>(family)] += counters;
}

void CounterSums::add_all(const CounterSums& others) {
  for (const Sum& other : others.sums_) {
    const std::uint32_t number = number_of(other.origin, other.hash);
    for (const net::Family family : net::kFamilies)
      add(number, family, other.place, other.counters[static_cast<std::size_t>(family)]);
  }
}

std::vector<RuleCounters> CounterSums::result() const {
  // The number that it is ordered by, then that in sums_.
  std::vector<std::uint64_t> order;
  order.reserve(sums_.size());
  for (const Sum& sum : sums_) order.push_back(std::uint64_t{rule_number(sum.origin)} << 32 | order.size());
  std::ranges::sort(order);
  std::vector<RuleCounters> counters;
  counters.reserve(sums_.size());
  for (const std::uint64_t place : order) {
    const Sum& sum = sums_[static_cast<std::uint32_t>(place)];
    counters.push_back({.origin = std::string(sum.origin), .ipv4 = sum.counters[0], .ipv6 = sum.counters[1]});
  }
  return counters;
}

base::Result<std::vector<RuleCounters>> read_counters(Kernel& kernel, const std::string& state_directory) {
  CounterSums sums;
  // Read while the kernel copies its tables.
  const std::shared_future<base::Result<RuleLabels>> labels =
      std::async(std::launch::async, [&] { return RuleLabels::read(kernel.files(), state_directory); });
  VM_TRY_VOID(add_xtables_counters(kernel, labels, sums));
  // What counts for an origin was chosen when the rules were made.
  for (const net::Family family : net::kFamilies)
    for (const NftCounter& counter : VM_TRY(kernel.nft_counters(family)))
      if (!counter.label.empty()) sums.add(counter.label, family, CounterSums::Place::FilterVerdict, counter.counters);
  return sums.result();
}

}  // namespace vuurmuur::apply
