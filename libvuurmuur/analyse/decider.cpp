// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/decider.h"

#include <algorithm>

namespace vuurmuur::analyse {
namespace {

/// Of all rules, one behind the other; `owners` says of which.
std::vector<Box> boxes_of_all(const sema::Policy& policy, const PolicyBoxes& boxes_of,
                              std::vector<std::size_t>& owners) {
  std::vector<Box> all;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const RuleBoxes found = boxes_of.of(policy.rules[i]);
    all.insert(all.end(), found.boxes.begin(), found.boxes.end());
    owners.insert(owners.end(), found.boxes.size(), i);
  }
  return all;
}

}  // namespace

Decider::Decider(const sema::Policy& policy, net::Family family)
    : boxes_of_(policy, family),
      boxes_(boxes_of_all(policy, boxes_of_, owners_)),
      ranks_(boxes_),
      taking_index_({}),
      passing_index_({}) {
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    Part& part = takes_all(policy.rules[owners_[i]]) ? taking_ : passing_;
    part.boxes.push_back(ranks_.of(boxes_[i]));
    part.owner.push_back(owners_[i]);
  }
  boxes_ = {};
  owners_ = {};
  taking_index_ = BoxIndex(taking_.boxes);
  passing_index_ = BoxIndex(passing_.boxes);
}

std::optional<std::size_t> Decider::decide(const Point& point) const {
  const std::uint32_t box = taking_index_.first(ranks_.of(point));
  return box == BoxIndex::kNone ? std::nullopt : std::optional(taking_.owner[box]);
}

std::vector<std::size_t> Decider::passed(const Point& point, std::size_t before) const {
  const RankPoint ranks = ranks_.of(point);
  const auto end = std::ranges::lower_bound(passing_.owner, before) - passing_.owner.begin();
  std::vector<std::uint32_t> met;
  static_cast<void>(
      passing_index_.overlapping({.first = ranks, .last = ranks}, static_cast<std::uint32_t>(end), SIZE_MAX, met));
  std::vector<std::size_t> rules;
  for (const std::uint32_t box : met) rules.push_back(passing_.owner[box]);
  std::ranges::sort(rules);
  rules.erase(std::ranges::unique(rules).begin(), rules.end());
  return rules;
}

}  // namespace vuurmuur::analyse
