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

/// A jump of ours that says for whom it counts.
struct CountingJump {
  std::uint32_t origin;  ///< its number
  std::uint32_t leads_to;
  Counters counters;
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

using Labels = std::shared_future<base::Result<RuleLabels>>;

/// Gives origins of rules their numbers. Neighbours often have the same.
class Origins {
 public:
  /// The labels are waited for when the first rule is there; nothing has one when they could not be read.
  Origins(net::Family family, const Labels& labels, CounterSums& sums)
      : family_(family), awaited_(labels), sums_(sums) {}

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
    if (tag == backend::OriginTag::None) return std::nullopt;
    if (labels_ == nullptr && !have_labels()) return std::nullopt;
    const auto label = labels_->find(tag);
    if (!label) return std::nullopt;
    if (numbers_[*label] == kUnknown) numbers_[*label] = sums_.number_of(labels_->text(*label));
    return numbers_[*label];
  }

  bool have_labels() {
    if (!awaited_.get()) return false;
    labels_ = &*awaited_.get();
    numbers_.assign(labels_->size(), kUnknown);
    return true;
  }

  net::Family family_;
  const Labels& awaited_;
  const RuleLabels* labels_ = nullptr;
  CounterSums& sums_;
  std::string_view last_;
  std::uint32_t number_ = 0;
  std::vector<std::uint32_t> numbers_;  ///< by label
};

/// Adds what the rules of one table count.
class TableCounts final : public TableVisitor {
 public:
  TableCounts(net::Family family, ir::TableName name, Origins& origins, CounterSums& sums)
      : family_(family), name_(name), origins_(origins), sums_(sums) {}

  void chain(std::string_view name, std::uint32_t number) override {
    end_chain();
    number_ = number;
    is_own_ = is_own_chain(name);
  }

  void rule(const void* entry, std::string_view target, std::optional<std::uint32_t> leads_to) override {
    if (!is_own_) return;
    const auto origin = origins_.number_of(entry);
    if (!origin) return;
    const Counters counters = counters_of(family_, entry);
    if (!is_effect(target)) counted_.push_back(*origin);
    // What a jump counts may be counted where it leads.
    if (leads_to)
      jumps_.push_back({.origin = *origin, .leads_to = *leads_to, .counters = counters});
    else
      sums_.add(*origin, family_, place_of(name_, target), counters);
  }

  /// Behind the last rule.
  void end() {
    end_chain();
    std::ranges::sort(chains_, {}, &CountingChain::number);
    for (const CountingJump& jump : jumps_)
      if (!is_counted_inside(jump)) sums_.add(jump.origin, family_, place_of(name_, {}), jump.counters);
  }

 private:
  /// A chain with rules that count; for whom, in counted_.
  struct CountingChain {
    std::uint32_t number;
    std::size_t begin, end;
  };

  void end_chain() {
    if (counted_.size() != begin_) {
      std::ranges::sort(counted_.begin() + static_cast<std::ptrdiff_t>(begin_), counted_.end());
      chains_.push_back({.number = number_, .begin = begin_, .end = counted_.size()});
    }
    begin_ = counted_.size();
  }

  /// Whether it is the jump to a chain in which rules count for the same: it counts nothing that they do not.
  [[nodiscard]] bool is_counted_inside(const CountingJump& jump) const {
    const auto inner = std::ranges::lower_bound(chains_, jump.leads_to, {}, &CountingChain::number);
    if (inner == chains_.end() || inner->number != jump.leads_to) return false;
    return std::ranges::binary_search(std::span(counted_).subspan(inner->begin, inner->end - inner->begin),
                                      jump.origin);
  }

  net::Family family_;
  ir::TableName name_;
  Origins& origins_;
  CounterSums& sums_;
  bool is_own_ = false;  ///< the chain that is told
  std::uint32_t number_ = 0;
  std::size_t begin_ = 0;               ///< of it in counted_
  std::vector<CountingJump> jumps_;     ///< to chains
  std::vector<std::uint32_t> counted_;  ///< for whom each chain counts, ascending within it
  std::vector<CountingChain> chains_;
};

/// The tables of one family that are there.
base::Result<CounterSums> count_family(Kernel& kernel, net::Family family, const Labels& labels,
                                       const std::vector<ir::TableName>& names) {
  CounterSums sums;
  Origins origins(family, labels, sums);
  for (const ir::TableName name : names) {
    TableCounts counts(family, name, origins, sums);
    auto visited = kernel.visit_table(family, name, counts);
    if (!visited && visited.error().code == ENOENT) continue;
    VM_TRY_VOID(std::move(visited));
    counts.end();
  }
  if (!labels.get()) return std::unexpected(labels.get().error());
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
