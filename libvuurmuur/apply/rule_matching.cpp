// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/rule_matching.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "apply/entry.h"

namespace vuurmuur::apply {
namespace {

/// Old rules by their content; each is given out once.
class OldRules {
 public:
  OldRules(net::Family family, std::span<const ReadRule> rules, std::size_t begin, std::size_t end)
      : family_(family), rules_(rules) {
    by_hash_.reserve(end - begin);
    next_.resize(rules.size());
    // From behind, so that of equal ones the first is found first.
    for (std::size_t i = end; i-- > begin;) {
      const auto [place, is_new] = by_hash_.try_emplace(rule_hash(family, rules[i].entry, rules[i].target), kNone);
      next_[i] = place->second;
      place->second = static_cast<std::uint32_t>(i);
    }
  }

  std::optional<std::uint32_t> take(const std::byte* encoded) {
    const auto found = by_hash_.find(rule_hash(family_, encoded, encoded_target(family_, encoded)));
    if (found == by_hash_.end()) return std::nullopt;
    for (std::uint32_t* link = &found->second; *link != kNone; link = &next_[*link]) {
      const std::uint32_t i = *link;
      if (!is_same_rule(family_, rules_[i].entry, rules_[i].target, encoded)) continue;
      *link = next_[i];
      return i;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  net::Family family_;
  std::span<const ReadRule> rules_;
  std::unordered_map<std::size_t, std::uint32_t> by_hash_;  ///< the first rule with a hash
  std::vector<std::uint32_t> next_;                         ///< the next one with the same hash
};

}  // namespace

std::vector<ReadRule> rules_of(KernelTable& table, const std::string& chain) {
  std::vector<ReadRule> rules;
  for (const void* entry = table.first_rule(chain); entry != nullptr; entry = table.next_rule(entry))
    rules.push_back({.entry = entry, .target = table.target_of(entry)});
  return rules;
}

Continuation continue_rules(net::Family family, std::span<const ReadRule> old, const EncodedChain& encoded) {
  if (old.empty())
    return {.plan = std::vector<RulePlan>(encoded.size(), RulePlan::add()), .is_same = encoded.size() == 0};
  const std::size_t shorter = std::min(old.size(), encoded.size());
  const auto is_same = [&](std::size_t at_old, std::size_t at_new) {
    return is_same_rule(family, old[at_old].entry, old[at_old].target, encoded[at_new].data());
  };
  std::size_t head = 0, tail = 0;
  while (head < shorter && is_same(head, head)) ++head;
  while (tail < shorter - head && is_same(old.size() - tail - 1, encoded.size() - tail - 1)) ++tail;

  Continuation result;
  result.is_same = head == old.size() && head == encoded.size();
  result.plan.reserve(encoded.size());
  const auto continue_at = [&](std::size_t i) {
    result.plan.push_back(RulePlan::add_continuing(static_cast<std::uint32_t>(i)));
  };
  for (std::size_t i = 0; i < head; ++i) continue_at(i);
  if (const std::size_t middle_end = encoded.size() - tail; head < middle_end) {
    OldRules candidates(family, old, head, old.size() - tail);
    for (std::size_t i = head; i < middle_end; ++i) {
      if (const auto found = candidates.take(encoded[i].data()))
        continue_at(*found);
      else
        result.plan.push_back(RulePlan::add());
    }
  }
  for (std::size_t i = 0; i < tail; ++i) continue_at(old.size() - tail + i);
  return result;
}

}  // namespace vuurmuur::apply
