// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/never_matching.h"

#include <algorithm>
#include <future>

#include "analyse/cover.h"
#include "analyse/policy_boxes.h"

namespace vuurmuur::analyse {
namespace {

/// Where the boxes of a rule stand among all.
struct Place {
  std::size_t first = 0, count = 0;  ///< among all boxes
  std::size_t first_taker = 0;       ///< how many boxes of rules before it take all
  bool has_more = false, is_translation = false;
};

/// What a family says of a rule.
struct Half {
  Reach::Kind kind = Reach::Kind::Nothing;
  std::vector<std::size_t> by;
  std::optional<Witness> witness;
};

std::vector<Half> reach_in(const sema::Policy& policy, net::Family family, const TimeLimit& limit) {
  const PolicyBoxes boxes_of(policy, family);
  BoxPile boxes;
  std::vector<Place> places;
  places.reserve(policy.rules.size());
  std::size_t takers = 0;
  for (const sema::Rule& rule : policy.rules) {
    RuleBoxes found = boxes_of.of(rule);
    places.push_back({.first = boxes.size(),
                      .count = found.boxes.size(),
                      .first_taker = takers,
                      .has_more = found.has_more,
                      .is_translation = found.is_translation});
    for (const Box& box : found.boxes) boxes.add(box);
    if (takes_all(rule)) takers += found.boxes.size();
  }
  const Ranks ranks(boxes);
  const std::vector<RankBox> ranked = ranks.of(boxes, boxes.size());
  std::vector<RankBox> taking;
  std::vector<std::uint32_t> owner;
  taking.reserve(takers);
  owner.reserve(takers);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!takes_all(policy.rules[i])) continue;
    for (std::size_t b = places[i].first; b < places[i].first + places[i].count; ++b) {
      taking.push_back(ranked[b]);
      owner.push_back(static_cast<std::uint32_t>(i));
    }
  }
  const BoxIndex index(taking);
  CoverSearch search(taking, index);
  std::vector<Half> halves(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    Half& half = halves[i];
    if (place.is_translation || place.has_more) {
      half.kind = Reach::Kind::NotAsked;
      continue;
    }
    if (limit.is_over()) {
      half.kind = Reach::Kind::NotFinished;
      continue;
    }
    for (std::size_t b = place.first; b < place.first + place.count; ++b) {
      const Cover cover = search.of(ranked[b], {.before = static_cast<std::uint32_t>(place.first_taker)});
      if (cover.kind == Cover::Kind::Open) {
        half.kind = Reach::Kind::Reached;
        half.witness = Witness{.family = family, .point = ranks.point(cover.witness)};
        break;
      }
      if (cover.kind == Cover::Kind::NotFinished) half.kind = Reach::Kind::NotFinished;
      if (half.kind == Reach::Kind::Nothing) half.kind = Reach::Kind::Never;
      for (const std::uint32_t number : cover.by) half.by.push_back(owner[number]);
    }
  }
  return halves;
}

/// Of a rule, from what both families say.
Reach together(const Half& a, const Half& b) {
  using enum Reach::Kind;
  Reach reach;
  for (const Reach::Kind kind : {Reached, NotAsked, NotFinished, Never, Nothing})
    if (a.kind == kind || b.kind == kind) {
      reach.kind = kind;
      break;
    }
  if (reach.kind == Reached) reach.witness = a.witness ? a.witness : b.witness;
  if (reach.kind != Never) return reach;
  reach.by = a.by;
  reach.by.insert(reach.by.end(), b.by.begin(), b.by.end());
  std::ranges::sort(reach.by);
  reach.by.erase(std::ranges::unique(reach.by).begin(), reach.by.end());
  return reach;
}

}  // namespace

std::vector<Reach> reach_of_rules(const sema::Policy& policy, const TimeLimit& limit) {
  auto other_half = std::async(std::launch::async, [&] { return reach_in(policy, net::Family::Ipv6, limit); });
  const std::vector<Half> ipv4 = reach_in(policy, net::Family::Ipv4, limit), ipv6 = other_half.get();
  std::vector<Reach> reaches;
  reaches.reserve(policy.rules.size());
  for (std::size_t i = 0; i < policy.rules.size(); ++i) reaches.push_back(together(ipv4[i], ipv6[i]));
  return reaches;
}

bool do_the_same(const sema::Rule& a, const sema::Rule& b) {
  const model::Options &one = a.source->options, &other = b.source->options;
  return *a.source->action == *b.source->action && a.helper == b.helper && one.log == other.log &&
         one.log_prefix == other.log_prefix && one.log_limit == other.log_limit &&
         one.reject_type == other.reject_type && one.nfmark == other.nfmark && one.chain == other.chain &&
         one.queue == other.queue && one.queue_bypass == other.queue_bypass && one.queue_fanout == other.queue_fanout &&
         one.queue_release == other.queue_release && one.queue_drop_urgent == other.queue_drop_urgent &&
         one.log_group == other.log_group;
}

}  // namespace vuurmuur::analyse
