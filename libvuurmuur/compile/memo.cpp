// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/memo.h"

#include <iterator>
#include <utility>

#include "base/assert.h"
#include "compile/pipeline.h"
#include "compile/policy_difference.h"

namespace vuurmuur::compile {
namespace {

std::size_t place_of(net::Family family) { return static_cast<std::size_t>(family); }

/// Whether options are the same but for those that a family's rules are compared with by themselves.
bool are_same(const Options& a, const Options& b) {
  return a.live_queues == b.live_queues && a.left_out_queues == b.left_out_queues &&
         a.disabled_passes == b.disabled_passes && a.shape == b.shape && a.timed_blocks == b.timed_blocks;
}

/// Whether a rule is lowered by more than what it has itself: where broadcasts go, its networks tell.
bool asks_networks(const sema::Rule& rule) {
  return rule.broadcast_service || rule.to.kind == sema::End::Kind::Broadcast;
}

template <class T>
std::vector<T> cut_off(std::vector<T>& list, std::size_t count) {
  const auto begin = list.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<T> tail(std::make_move_iterator(begin), std::make_move_iterator(list.end()));
  list.erase(begin, list.end());
  return tail;
}

template <class T>
void append(std::vector<T>& list, std::vector<T> tail) {
  list.insert(list.end(), std::make_move_iterator(tail.begin()), std::make_move_iterator(tail.end()));
}

}  // namespace

const ir::Ruleset& Memo::compile(const sema::Policy& policy, const Options& options) {
  VM_ASSERT(options.dump_after.empty());
  std::array<bool, 2> is_same{!is_empty_, !is_empty_};
  take_over(policy, is_same);
  if (!are_same(options, options_)) is_same = {};
  options_ = options;
  options_.can_hold = nullptr;
  work_ = {};
  std::array<Part, 2> before = take_apart();
  Pipeline pipeline(policy_, options);
  for (const net::Family family : net::kFamilies) {
    if (is_same[place_of(family)]) {
      put_back(family, std::move(before[place_of(family)]));
      continue;
    }
    LoweredRules& lowered = lowered_[place_of(family)];
    lowered.count = 0;
    const Share others{.sets = ruleset_.sets.size(), .origins = ruleset_.origins.size()};
    pipeline.run_family(family, ruleset_, &lowered);
    shares_[place_of(family)] = {.sets = ruleset_.sets.size() - others.sets,
                                 .origins = ruleset_.origins.size() - others.origins};
    work_.families.push_back(family);
    work_.rules += lowered.count;
  }
  pipeline.finish(ruleset_);
  return ruleset_;
}

/// Remembers a policy in place of the one before, and what of it need not be compiled.
void Memo::take_over(const sema::Policy& policy, std::array<bool, 2>& is_same) {
  const Difference besides = is_empty_ ? Difference::Other : difference_besides_rules(policy, policy_);
  if (has(besides, Difference::Other) || policy.rules.size() != policy_.rules.size())
    return begin_anew(policy, is_same);
  Difference all = besides;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    Difference here = difference(policy.rules[i], policy_.rules[i]);
    if (has(here, Difference::Other)) return begin_anew(policy, is_same);
    if (here != Difference::None) policy_.rules[i] = policy.rules[i];
    all = all | here;
    if (asks_networks(policy.rules[i])) here = here | besides;
    for (const net::Family family : net::kFamilies)
      if (has(here, difference_of(family))) lowered_[place_of(family)].rules[i].reset();
  }
  policy_.networks = policy.networks;
  policy_.blocked = policy.blocked;
  for (const net::Family family : net::kFamilies) is_same[place_of(family)] &= !has(all, difference_of(family));
}

void Memo::begin_anew(const sema::Policy& policy, std::array<bool, 2>& is_same) {
  is_same = {};
  is_empty_ = false;
  policy_ = policy;
  ruleset_ = Pipeline::begin(policy_);
  shares_ = {};
  for (LoweredRules& lowered : lowered_) lowered.rules.assign(policy_.rules.size(), std::nullopt);
}

/// Takes what the families have of their own out of the ruleset.
std::array<Memo::Part, 2> Memo::take_apart() {
  std::array<Part, 2> parts;
  for (const net::Family family : {net::Family::Ipv6, net::Family::Ipv4}) {
    const Share& share = shares_[place_of(family)];
    parts[place_of(family)] = {
        .rules = std::exchange(ruleset_.rules(family), ir::FamilyRules{.family = family}),
        .sets = cut_off(ruleset_.sets, share.sets),
        .origins = cut_off(ruleset_.origins, share.origins),
        .first_origin = ruleset_.origins.size(),
    };
  }
  return parts;
}

/// A family as it was, behind others that may have more origins by now, or fewer.
void Memo::put_back(net::Family family, Part part) {
  const std::size_t first = ruleset_.origins.size();
  if (first != part.first_origin) {
    const auto move = [&](ir::OriginId& origin) {
      const auto at = static_cast<std::size_t>(origin);
      if (at >= part.first_origin) origin = static_cast<ir::OriginId>(at - part.first_origin + first);
    };
    for (ir::Table& table : part.rules.tables)
      for (std::size_t i = 0; i < table.chains().size(); ++i)
        for (ir::Rule& rule : table.chain(static_cast<ir::ChainId>(i)).rules) move(rule.origin);
    for (ir::Set& set : part.sets)
      for (ir::SetElement& element : set.elements) move(element.origin);
  }
  ruleset_.rules(family) = std::move(part.rules);
  append(ruleset_.sets, std::move(part.sets));
  append(ruleset_.origins, std::move(part.origins));
}

}  // namespace vuurmuur::compile
