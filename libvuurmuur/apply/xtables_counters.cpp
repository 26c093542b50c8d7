// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <future>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "apply/counter_sums.h"
#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

using Place = CounterSums::Place;

/// A rule of ours that says for whom it counts.
struct CountingRule {
  std::uint32_t origin;  ///< its number
  Counters counters;
  std::string_view target;
};

/// Targets after which the next rule is asked.
constexpr std::array<std::string_view, 6> kEffects{"NFLOG", "CONNMARK", "MARK", "CT", "TCPMSS", "LOG"};

bool is_effect(std::string_view target) { return std::ranges::find(kEffects, target) != kEffects.end(); }

Place place_of(ir::TableName table, std::string_view target) {
  switch (table) {
    case ir::TableName::Filter: return is_effect(target) ? Place::FilterEffect : Place::FilterVerdict;
    case ir::TableName::Nat: return Place::Nat;
    case ir::TableName::Raw: return is_effect(target) ? Place::RawEffect : Place::RawVerdict;
    case ir::TableName::Mangle: return Place::Mangle;
  }
  return Place::Mangle;
}

/// Gives origins their numbers. Neighbours often have the same.
class Origins {
 public:
  explicit Origins(CounterSums& sums) : sums_(sums) {}

  std::uint32_t number_of(std::string_view origin) {
    if (origin != last_) {
      last_ = origin;
      number_ = sums_.number_of(origin);
    }
    return number_;
  }

 private:
  CounterSums& sums_;
  std::string_view last_;
  std::uint32_t number_ = 0;
};

/// Adds what the rules of one table count.
class TableCounts {
 public:
  TableCounts(KernelTable& table, net::Family family, CounterSums& sums)
      : table_(table), family_(family), origins_(sums), sums_(sums) {}

  void add(ir::TableName name) {
    const std::vector<std::string> chains = table_.chains();
    for (const std::string& chain : chains)
      if (is_own_chain(chain)) read_chain(chain);
    for (const CountingRule& rule : rules_)
      if (!is_counted_inside(rule)) sums_.add(rule.origin, family_, place_of(name, rule.target), rule.counters);
  }

 private:
  /// Numbers of origins in counted_.
  struct Range {
    std::size_t begin, end;
  };

  /// `chain` stays where it is until add() ends.
  void read_chain(const std::string& chain) {
    const std::size_t begin = counted_.size();
    for (const void* entry = table_.first_rule(chain); entry != nullptr; entry = table_.next_rule(entry)) {
      const std::string_view comment = comment_of(family_, entry);
      if (comment.empty()) continue;
      const CountingRule rule{.origin = origins_.number_of(comment),
                              .counters = counters_of(family_, entry),
                              .target = table_.target_of(entry)};
      if (!is_effect(rule.target)) counted_.push_back(rule.origin);
      rules_.push_back(rule);
    }
    if (counted_.size() == begin) return;
    std::ranges::sort(counted_.begin() + static_cast<std::ptrdiff_t>(begin), counted_.end());
    counted_in_.emplace(chain, Range{begin, counted_.size()});
  }

  /// Whether it is the jump to a chain in which rules count for the same: it counts nothing that they do not.
  [[nodiscard]] bool is_counted_inside(const CountingRule& rule) const {
    if (!is_own_chain(rule.target)) return false;
    const auto inner = counted_in_.find(rule.target);
    if (inner == counted_in_.end()) return false;
    const auto [begin, end] = inner->second;
    return std::ranges::binary_search(std::span(counted_).subspan(begin, end - begin), rule.origin);
  }

  KernelTable& table_;
  net::Family family_;
  Origins origins_;
  CounterSums& sums_;
  std::vector<CountingRule> rules_;
  std::vector<std::uint32_t> counted_;  ///< for whom each chain counts, ascending within it
  std::unordered_map<std::string_view, Range> counted_in_;
};

/// The tables of one family that are there.
base::Result<CounterSums> count_family(Kernel& kernel, net::Family family, const std::vector<ir::TableName>& names) {
  CounterSums sums;
  for (const ir::TableName name : names) {
    auto opened = kernel.open_table(family, name);
    if (!opened && opened.error().code == ENOENT) continue;
    const auto table = VM_TRY(std::move(opened));
    TableCounts(*table, family, sums).add(name);
  }
  return sums;
}

base::Result<void> add_sets(Kernel& kernel, CounterSums& sums) {
  for (const KernelSet& set : VM_TRY(kernel.sets())) {
    // One that no rule asks is of another generation of rules.
    if (!is_own_set(set.name) || set.references == 0) continue;
    const net::Family family =
        set.name.starts_with(std::string(ir::kOwnSetPrefix) + "4") ? net::Family::Ipv4 : net::Family::Ipv6;
    for (const SetMember& member : VM_TRY(kernel.read_set(set.name)))
      if (!member.comment.empty()) sums.add(member.comment, family, Place::FilterVerdict, member.counters);
  }
  return {};
}

}  // namespace

base::Result<void> add_xtables_counters(Kernel& kernel, CounterSums& sums) {
  // The kernel copies out the tables of both families at once, but those of one family one after the other.
  std::vector<std::future<base::Result<CounterSums>>> families;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    std::vector<ir::TableName> names;
    for (const ir::TableName name : ir::kTables)
      if (kernel.may_have_table(family, name)) names.push_back(name);
    if (names.empty()) continue;
    const auto way = families.empty() ? std::launch::deferred : std::launch::async;
    families.push_back(std::async(way, count_family, std::ref(kernel), family, std::move(names)));
  }
  // Sums that nobody fed yet are those of the first family: then nothing is added up twice.
  for (auto& family : families) {
    CounterSums counted = VM_TRY(family.get());
    if (sums.is_empty())
      sums = std::move(counted);
    else
      sums.add_all(counted);
  }
  return add_sets(kernel, sums);
}

}  // namespace vuurmuur::apply
