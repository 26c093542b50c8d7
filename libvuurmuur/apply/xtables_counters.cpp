// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cerrno>
#include <unordered_set>

#include "apply/counter_sums.h"
#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

using Place = CounterSums::Place;

/// A rule of ours that says for whom it counts.
struct CountingRule {
  std::string_view origin;
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

std::vector<CountingRule> counting_rules(KernelTable& table, net::Family family, const std::string& chain) {
  std::vector<CountingRule> rules;
  for (const void* entry = table.first_rule(chain); entry != nullptr; entry = table.next_rule(entry)) {
    const std::string_view origin = comment_of(family, entry);
    if (origin.empty()) continue;
    rules.push_back({.origin = origin, .counters = parts_of(family, entry).counters, .target = table.target_of(entry)});
  }
  return rules;
}

base::Result<void> add_table(Kernel& kernel, net::Family family, ir::TableName name, CounterSums& sums) {
  auto opened = kernel.open_table(family, name);
  if (!opened && opened.error().code == ENOENT) return {};
  const auto table = VM_TRY(std::move(opened));
  std::vector<std::vector<CountingRule>> chains;
  // Of each chain, for whom it counts: the jump of the same rule to it counts nothing that it does not.
  std::unordered_map<std::string, std::unordered_set<std::string_view>> counted_in;
  for (const std::string& chain : table->chains()) {
    if (!is_own_chain(chain)) continue;
    std::vector<CountingRule>& rules = chains.emplace_back(counting_rules(*table, family, chain));
    if (rules.empty()) continue;
    for (const CountingRule& rule : rules)
      if (!is_effect(rule.target)) counted_in[chain].insert(rule.origin);
  }
  for (const std::vector<CountingRule>& rules : chains)
    for (const CountingRule& rule : rules) {
      if (is_own_chain(rule.target)) {
        const auto inner = counted_in.find(std::string(rule.target));
        if (inner != counted_in.end() && inner->second.contains(rule.origin)) continue;
      }
      sums.add(rule.origin, family, place_of(name, rule.target), rule.counters);
    }
  return {};
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
  for (const net::Family family : net::kFamilies) {
    if (!kernel.has_family(family)) continue;
    for (const ir::TableName name : ir::kTables)
      if (kernel.may_have_table(family, name)) VM_TRY_VOID(add_table(kernel, family, name, sums));
  }
  return add_sets(kernel, sums);
}

}  // namespace vuurmuur::apply
