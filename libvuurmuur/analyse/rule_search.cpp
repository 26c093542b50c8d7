// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/rule_search.h"

#include <algorithm>
#include <array>

#include "analyse/nearness.h"
#include "analyse/sample.h"

namespace vuurmuur::analyse {
namespace {

constexpr auto kProtocol = static_cast<std::size_t>(Field::Protocol);
constexpr auto kSourcePort = static_cast<std::size_t>(Field::SourcePort),
               kDestinationPort = static_cast<std::size_t>(Field::DestinationPort);

/// Types and codes of ICMP are bytes, but share their fields with ports: where those have to be cut.
std::array<Box, 2> bytes_of_icmp(const Box& everything) {
  Box icmp = everything;
  icmp[Field::SourcePort] = icmp[Field::DestinationPort] = Interval::of(0, 255);
  Box icmpv6 = icmp;
  icmp[Field::Protocol] = Interval::one(static_cast<std::uint64_t>(net::Protocol::Icmp));
  icmpv6[Field::Protocol] = Interval::one(static_cast<std::uint64_t>(net::Protocol::Icmpv6));
  return {icmp, icmpv6};
}

}  // namespace

Way way_of(const sema::Rule& rule) {
  using enum model::Action;
  const auto& limit = rule.source->options.limit;
  switch (*rule.source->action) {
    case Accept:
    case Drop:
    case Reject:
    case Nfqueue:
    case Nflog:
    case Portfw:
    case Redirect:
    case Bounce: return limit && limit->value.count != 0 ? Way::MayTake : Way::Takes;
    case Chain: return Way::MayTake;
    // Those that translate take nothing, and have no boxes.
    case Log:
    case Snat:
    case Masq:
    case Dnat:
    case Separator: break;
  }
  return Way::PassesOn;
}

RuleSearch::RuleSearch(const FilterBoxes& boxes_of, std::span<const Box> questions, std::span<const Box> others)
    : boxes_of_(boxes_of) {
  const std::vector<sema::Rule>& rules = boxes_of.policy().rules;
  Nearness nearness(questions, boxes_of.family());
  BoxPile boxes;
  ways_.reserve(rules.size());
  first_box_.reserve(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    ways_.push_back(analyse::way_of(rules[i]));
    first_box_.push_back(static_cast<std::uint32_t>(boxes.size()));
    if (!nearness.is_near(rules[i])) continue;
    const RuleBoxes found = boxes_of.taken_by(rules[i]);
    if (found.has_more) {
      ways_.back() = Way::Unknown;
      unknown_.push_back(i);
      continue;
    }
    const bool is_taking = ways_.back() == Way::Takes;
    const bool is_taking_within_limits =
        is_taking || (ways_.back() == Way::MayTake && *rules[i].source->action != model::Action::Chain);
    for (const Box& box : found.boxes) {
      if (!nearness.is_near(box)) continue;
      boxes.add(box);
      owner_.push_back(static_cast<std::uint32_t>(i));
      is_taking_.push_back(is_taking);
      is_taking_within_limits_.push_back(is_taking_within_limits);
    }
  }
  const std::size_t count = boxes.size();
  const std::array<Box, 2> bytes = bytes_of_icmp(boxes_of.plain().everything());
  for (const std::span<const Box> more : {questions, others, std::span<const Box>(bytes)})
    for (const Box& box : more) boxes.add(box);
  ranks_.emplace(boxes);
  icmp_ = ranks_->of(bytes[0]).first[kProtocol];
  icmpv6_ = ranks_->of(bytes[1]).first[kProtocol];
  last_byte_ = ranks_->of(bytes[0]).last[kSourcePort];
  boxes_ = ranks_->of(boxes, count);
  for (const Box& box : others) others_.push_back(ranks_->of(box));
  index_.emplace(boxes_);
  search_.emplace(boxes_, *index_);
}

bool RuleSearch::is_possible(const RankPoint& point) const {
  if (point[kProtocol] != icmp_ && point[kProtocol] != icmpv6_) return true;
  // The codes' cuts are those of destination ports.
  return point[kSourcePort] <= last_byte_ && ranks_->point(point)[kDestinationPort].low <= 255;
}

/// As CoverSearch::of(), of packets that there can be.
Cover RuleSearch::uncovered(const RankBox& box, const Among& takers) {
  Cover cover = search_->of(box, takers);
  if (cover.kind != Cover::Kind::Open || is_possible(cover.witness)) return cover;
  // Both protocols apart, with bytes alone; then what is left.
  const std::array<Box, 2> bytes = bytes_of_icmp(boxes_of_.plain().everything());
  std::vector<RankBox> parts;
  for (const Box& each : bytes)
    if (const auto part = common(box, ranks_->of(each))) parts.push_back(*part);
  std::uint32_t from = box.first[kProtocol];
  for (const std::uint32_t protocol : {icmp_, icmpv6_, UINT32_MAX}) {
    RankBox rest = box;
    rest.first[kProtocol] = from;
    rest.last[kProtocol] = std::min(protocol - 1, box.last[kProtocol]);
    if (rest.first[kProtocol] <= rest.last[kProtocol]) parts.push_back(rest);
    from = std::max(from, protocol + 1);
  }
  Cover together{.kind = Cover::Kind::Whole, .by = {}};
  for (const RankBox& part : parts) {
    cover = search_->of(part, takers);
    if (cover.kind == Cover::Kind::Open) return cover;
    if (cover.kind == Cover::Kind::NotFinished) together.kind = Cover::Kind::NotFinished;
    together.by.insert(together.by.end(), cover.by.begin(), cover.by.end());
  }
  return together;
}

void RuleSearch::tidy(const RankBox& box, const Among& takers, RankPoint& witness) const {
  for (const Field field :
       {Field::Protocol, Field::Source, Field::Destination, Field::DestinationPort, Field::SourcePort}) {
    const auto f = static_cast<std::size_t>(field);
    Point wanted = ranks_->point(witness);
    for (const Value& value : usual_values(field, boxes_of_.family())) {
      wanted[f] = value;
      RankPoint other = witness;
      other[f] = ranks_->of(wanted)[f];
      if (other[f] < box.first[f] || other[f] > box.last[f] || !is_possible(other)) continue;
      if (index_->any(other, takers) != BoxIndex::kNone) continue;
      witness = other;
      break;
    }
  }
}

/// In the order of their rules.
std::vector<std::uint32_t> RuleSearch::overlapping(const RankBox& box) const {
  std::vector<std::uint32_t> found;
  static_cast<void>(index_->overlapping(box, {}, SIZE_MAX, found));
  std::ranges::sort(found);
  return found;
}

std::vector<RuleSearch::Hit> RuleSearch::split(std::span<const Box> question) {
  std::vector<Hit> hits;
  for (const Box& each : question) {
    const RankBox box = ranks_->of(each);
    for (const std::size_t rule : unknown_)
      hits.push_back({.rule = rule, .way = Way::Unknown, .is_finished = false, .part = box});
    for (const std::uint32_t number : overlapping(box)) {
      const std::size_t rule = owner_[number];
      // One packet of a rule is enough, of each box of the question.
      if (!hits.empty() && hits.back().rule == rule && hits.back().is_finished && contains(box, hits.back().example))
        continue;
      const RankBox part = *common(box, boxes_[number]);
      const Cover cover = uncovered(part, taking(first_box_[rule]));
      if (cover.kind == Cover::Kind::Whole) continue;
      hits.push_back({.rule = rule,
                      .way = ways_[rule],
                      .is_finished = cover.kind == Cover::Kind::Open,
                      .part = part,
                      .example = cover.witness});
      if (hits.back().is_finished) tidy(part, taking(first_box_[rule]), hits.back().example);
    }
    const Cover rest = uncovered(box, taking(BoxIndex::kNone));
    if (rest.kind == Cover::Kind::Whole) continue;
    hits.push_back({.rule = kNoRule,
                    .way = Way::Takes,
                    .is_finished = rest.kind == Cover::Kind::Open,
                    .part = box,
                    .example = rest.witness});
    if (hits.back().is_finished) tidy(box, taking(BoxIndex::kNone), hits.back().example);
  }
  // One of each rule, one that was found rather than one that was not.
  std::ranges::stable_sort(hits, [](const Hit& a, const Hit& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.is_finished && !b.is_finished;
  });
  const auto doubles = std::ranges::unique(hits, {}, &Hit::rule);
  hits.erase(doubles.begin(), doubles.end());
  return hits;
}

RuleSearch::Found RuleSearch::first(std::span<const Box> question, const std::function<bool(std::size_t, Way)>& wants,
                                    Limits limits) {
  Found found;
  const auto take = [&](std::size_t rule, const RankBox& part, std::uint32_t before) {
    const Among before_it = taking(before, limits);
    const Cover cover = uncovered(part, before_it);
    if (cover.kind == Cover::Kind::NotFinished) found.is_finished = false;
    if (cover.kind != Cover::Kind::Open) return;
    const Way way = rule == kNoRule ? Way::Takes : ways_[rule];
    if (found.hit && rule >= found.hit->rule) return;
    found.hit = Hit{.rule = rule, .way = way, .part = part, .example = cover.witness};
    tidy(part, before_it, found.hit->example);
  };
  for (const std::size_t rule : unknown_)
    if (wants(rule, Way::Unknown)) found.is_finished = false;
  for (const Box& each : question) {
    const RankBox box = ranks_->of(each);
    for (const std::uint32_t number : overlapping(box)) {
      const std::size_t rule = owner_[number];
      if (found.hit && rule >= found.hit->rule) break;
      if (wants(rule, ways_[rule])) take(rule, *common(box, boxes_[number]), first_box_[rule]);
    }
    if (!found.hit && wants(kNoRule, Way::Takes)) take(kNoRule, box, BoxIndex::kNone);
  }
  if (found.hit) found.is_finished = true;
  return found;
}

std::optional<std::vector<std::size_t>> RuleSearch::takers_before(std::span<const Box> question, std::size_t rule) {
  std::vector<std::size_t> by;
  for (const Box& each : question) {
    const RankBox box = ranks_->of(each);
    for (const std::uint32_t number : overlapping(box)) {
      if (owner_[number] != rule) continue;
      const Cover cover = uncovered(*common(box, boxes_[number]), taking(first_box_[rule]));
      if (cover.kind != Cover::Kind::Whole) return std::nullopt;
      for (const std::uint32_t taker : cover.by) by.push_back(owner_[taker]);
    }
  }
  std::ranges::sort(by);
  by.erase(std::ranges::unique(by).begin(), by.end());
  return by;
}

std::vector<std::size_t> RuleSearch::passed(const RankPoint& packet, std::size_t before) const {
  std::vector<std::size_t> rules;
  for (const std::uint32_t number : overlapping({.first = packet, .last = packet}))
    if (const std::size_t rule = owner_[number]; rule < before && ways_[rule] != Way::Takes) rules.push_back(rule);
  rules.erase(std::ranges::unique(rules).begin(), rules.end());
  return rules;
}

}  // namespace vuurmuur::analyse
