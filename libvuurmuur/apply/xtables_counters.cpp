// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <unordered_map>
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

void add_table(KernelTable& table, net::Family family, ir::TableName name, CounterSums& sums) {
  const std::vector<std::string> names = table.chains();
  std::vector<CountingRule> rules;
  // Of each chain, for whom it counts, ascending: the jump of the same rule to it counts nothing that it does not.
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> counted_in;
  Origins origins(sums);
  for (const std::string& chain : names) {
    if (!is_own_chain(chain)) continue;
    std::vector<std::uint32_t> counted_for;
    for (const void* entry = table.first_rule(chain); entry != nullptr; entry = table.next_rule(entry)) {
      const std::string_view origin = comment_of(family, entry);
      if (origin.empty()) continue;
      rules.push_back({.origin = origins.number_of(origin),
                       .counters = parts_of(family, entry).counters,
                       .target = table.target_of(entry)});
      if (!is_effect(rules.back().target)) counted_for.push_back(rules.back().origin);
    }
    std::ranges::sort(counted_for);
    counted_in.emplace(chain, std::move(counted_for));
  }
  for (const CountingRule& rule : rules) {
    if (is_own_chain(rule.target)) {
      const auto inner = counted_in.find(rule.target);
      if (inner != counted_in.end() && std::ranges::binary_search(inner->second, rule.origin)) continue;
    }
    sums.add(rule.origin, family, place_of(name, rule.target), rule.counters);
  }
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
  struct Reading {
    net::Family family;
    ir::TableName name;
    std::future<base::Result<std::unique_ptr<KernelTable>>> table;
  };
  std::vector<Reading> readings;
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    for (const ir::TableName name : ir::kTables)
      if (kernel.may_have_table(family, name))
        readings.push_back({family, name, kernel.start_open_table(family, name)});
  }
  for (Reading& reading : readings) {
    auto opened = reading.table.get();
    if (!opened && opened.error().code == ENOENT) continue;
    const auto table = VM_TRY(std::move(opened));
    add_table(*table, reading.family, reading.name, sums);
  }
  return add_sets(kernel, sums);
}

}  // namespace vuurmuur::apply
