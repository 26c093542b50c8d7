// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/decider.h"

#include <algorithm>

namespace vuurmuur::analyse {
Decider::Decider(const sema::Policy& policy, net::Family family)
    : boxes_of_(policy, family), taking_index_({}), passing_index_({}) {
  BoxPile boxes;
  std::vector<std::size_t> owners;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    for (const Box& box : boxes_of_.of(policy.rules[i]).boxes) boxes.add(box);
    owners.resize(boxes.size(), i);
  }
  ranks_.emplace(boxes);
  const std::vector<RankBox> ranked = ranks_->of(boxes, boxes.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    Part& part = takes_all(policy.rules[owners[i]]) ? taking_ : passing_;
    part.boxes.push_back(ranked[i]);
    part.owner.push_back(owners[i]);
  }
  taking_index_ = BoxIndex(taking_.boxes);
  passing_index_ = BoxIndex(passing_.boxes);
}

std::optional<std::size_t> Decider::decide(const Point& point) const {
  const std::uint32_t box = taking_index_.first(ranks_->of(point));
  return box == BoxIndex::kNone ? std::nullopt : std::optional(taking_.owner[box]);
}

std::vector<std::size_t> Decider::passed(const Point& point, std::size_t before) const {
  const RankPoint ranks = ranks_->of(point);
  const auto end = std::ranges::lower_bound(passing_.owner, before) - passing_.owner.begin();
  std::vector<std::uint32_t> met;
  static_cast<void>(passing_index_.overlapping({.first = ranks, .last = ranks},
                                               {.before = static_cast<std::uint32_t>(end)}, SIZE_MAX, met));
  std::vector<std::size_t> rules;
  for (const std::uint32_t box : met) rules.push_back(passing_.owner[box]);
  std::ranges::sort(rules);
  rules.erase(std::ranges::unique(rules).begin(), rules.end());
  return rules;
}

}  // namespace vuurmuur::analyse
