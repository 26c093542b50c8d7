// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <future>
#include <limits>
#include <optional>
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

/// Gives origins of rules their numbers. Neighbours often have the same.
class Origins {
 public:
  Origins(net::Family family, const RuleLabels& labels, CounterSums& sums)
      : family_(family), labels_(labels), sums_(sums), numbers_(labels.size(), kUnknown) {}

  /// Nothing when the entry does not say whose it is.
  std::optional<std::uint32_t> number_of(const void* entry) {
    if (const auto number = number_of(tag_of(family_, entry))) return number;
    const std::string_view comment = comment_of(family_, entry);
    if (comment.empty()) return std::nullopt;
    if (comment != last_) {
      last_ = comment;
      number_ = sums_.number_of(comment);
    }
    return number_;
  }

 private:
  static constexpr std::uint32_t kUnknown = std::numeric_limits<std::uint32_t>::max();

  std::optional<std::uint32_t> number_of(backend::OriginTag tag) {
    const auto label = labels_.find(tag);
    if (!label) return std::nullopt;
    if (numbers_[*label] == kUnknown) numbers_[*label] = sums_.number_of(labels_.text(*label));
    return numbers_[*label];
  }

  net::Family family_;
  const RuleLabels& labels_;
  CounterSums& sums_;
  std::string_view last_;
  std::uint32_t number_ = 0;
  std::vector<std::uint32_t> numbers_;  ///< by label
};

/// Adds what the rules of one table count.
class TableCounts {
 public:
  TableCounts(KernelTable& table, net::Family family, Origins& origins, CounterSums& sums)
      : table_(table), family_(family), origins_(origins), sums_(sums) {}

  void add(ir::TableName name) {
    const std::vector<std::string> chains = table_.chains();
    for (const std::string& chain : chains)
      if (is_own_chain(chain)) read_chain(name, chain);
    for (const CountingRule& jump : jumps_)
      if (!is_counted_inside(jump)) sums_.add(jump.origin, family_, place_of(name, jump.target), jump.counters);
  }

 private:
  /// Numbers of origins in counted_.
  struct Range {
    std::size_t begin, end;
  };

  /// `chain` stays where it is until add() ends.
  void read_chain(ir::TableName name, const std::string& chain) {
    const std::size_t begin = counted_.size();
    for (const void* entry = table_.first_rule(chain); entry != nullptr; entry = table_.next_rule(entry)) {
      const auto origin = origins_.number_of(entry);
      if (!origin) continue;
      const CountingRule rule{
          .origin = *origin, .counters = counters_of(family_, entry), .target = table_.target_of(entry)};
      if (!is_effect(rule.target)) counted_.push_back(rule.origin);
      // What a jump counts may be counted where it leads.
      if (is_own_chain(rule.target))
        jumps_.push_back(rule);
      else
        sums_.add(rule.origin, family_, place_of(name, rule.target), rule.counters);
    }
    if (counted_.size() == begin) return;
    std::ranges::sort(counted_.begin() + static_cast<std::ptrdiff_t>(begin), counted_.end());
    counted_in_.emplace(chain, Range{begin, counted_.size()});
  }

  /// Whether it is the jump to a chain in which rules count for the same: it counts nothing that they do not.
  [[nodiscard]] bool is_counted_inside(const CountingRule& rule) const {
    const auto inner = counted_in_.find(rule.target);
    if (inner == counted_in_.end()) return false;
    const auto [begin, end] = inner->second;
    return std::ranges::binary_search(std::span(counted_).subspan(begin, end - begin), rule.origin);
  }

  KernelTable& table_;
  net::Family family_;
  Origins& origins_;
  CounterSums& sums_;
  std::vector<CountingRule> jumps_;     ///< to chains of ours
  std::vector<std::uint32_t> counted_;  ///< for whom each chain counts, ascending within it
  std::unordered_map<std::string_view, Range> counted_in_;
};

using Labels = std::shared_future<base::Result<RuleLabels>>;

/// The tables of one family that are there.
base::Result<CounterSums> count_family(Kernel& kernel, net::Family family, const Labels& labels,
                                       const std::vector<ir::TableName>& names) {
  CounterSums sums;
  std::optional<Origins> origins;
  for (const ir::TableName name : names) {
    auto opened = kernel.open_table(family, name);
    if (!opened && opened.error().code == ENOENT) continue;
    const auto table = VM_TRY(std::move(opened));
    if (!origins) {
      if (!labels.get()) return std::unexpected(labels.get().error());
      origins.emplace(family, *labels.get(), sums);
    }
    TableCounts(*table, family, *origins, sums).add(name);
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

base::Result<void> add_xtables_counters(Kernel& kernel, const Labels& labels, CounterSums& sums) {
  // The kernel copies out the tables of both families at once, but those of one family one after the other.
  std::vector<std::future<base::Result<CounterSums>>> families;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    std::vector<ir::TableName> names;
    for (const ir::TableName name : ir::kTables)
      if (kernel.may_have_table(family, name)) names.push_back(name);
    if (names.empty()) continue;
    const auto way = families.empty() ? std::launch::deferred : std::launch::async;
    families.push_back(std::async(way, count_family, std::ref(kernel), family, std::cref(labels), std::move(names)));
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
