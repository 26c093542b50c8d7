// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/rule_search.h"

#include <algorithm>
#include <array>

#include "analyse/sample.h"

namespace vuurmuur::analyse {
namespace {

constexpr auto kProtocol = static_cast<std::size_t>(Field::Protocol);
constexpr auto kSourcePort = static_cast<std::size_t>(Field::SourcePort),
               kDestinationPort = static_cast<std::size_t>(Field::DestinationPort);

std::optional<RankBox> common(const RankBox& a, const RankBox& b) {
  RankBox box;
  for (std::size_t f = 0; f < kFields; ++f) {
    box.first[f] = std::max(a.first[f], b.first[f]);
    box.last[f] = std::min(a.last[f], b.last[f]);
    if (box.last[f] < box.first[f]) return std::nullopt;
  }
  return box;
}

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

RuleSearch::RuleSearch(const FilterBoxes& boxes_of, std::span<const Box> questions, Limits limits)
    : boxes_of_(boxes_of) {
  const std::vector<sema::Rule>& rules = boxes_of.policy().rules;
  std::vector<Box> boxes;
  ways_.reserve(rules.size());
  first_taker_.reserve(rules.size() + 1);
  std::uint32_t takers = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleBoxes found = boxes_of.taken_by(rules[i]);
    const Way way = found.has_more ? Way::Unknown : analyse::way_of(rules[i]);
    const bool is_taking = way == Way::Takes || (way == Way::MayTake && limits == Limits::Take &&
                                                 *rules[i].source->action != model::Action::Chain);
    ways_.push_back(way);
    is_taking_.push_back(is_taking);
    first_taker_.push_back(takers);
    if (way == Way::Unknown) {
      unknown_.push_back(i);
      continue;
    }
    if (is_taking) takers += static_cast<std::uint32_t>(found.boxes.size());
    boxes.insert(boxes.end(), found.boxes.begin(), found.boxes.end());
    owner_.insert(owner_.end(), found.boxes.size(), static_cast<std::uint32_t>(i));
  }
  first_taker_.push_back(takers);
  const std::size_t count = boxes.size();
  boxes.insert(boxes.end(), questions.begin(), questions.end());
  const std::array<Box, 2> bytes = bytes_of_icmp(boxes_of.plain().everything());
  boxes.insert(boxes.end(), bytes.begin(), bytes.end());
  ranks_.emplace(boxes);
  icmp_ = ranks_->of(bytes[0]).first[kProtocol];
  icmpv6_ = ranks_->of(bytes[1]).first[kProtocol];
  last_byte_ = ranks_->of(bytes[0]).last[kSourcePort];
  all_.reserve(count);
  taking_.reserve(takers);
  taking_owner_.reserve(takers);
  for (std::size_t i = 0; i < count; ++i) {
    all_.push_back(ranks_->of(boxes[i]));
    if (!is_taking_[owner_[i]]) continue;
    taking_.push_back(all_.back());
    taking_owner_.push_back(owner_[i]);
  }
  index_.emplace(all_);
  taking_index_.emplace(taking_);
  search_.emplace(taking_);
}

bool RuleSearch::is_possible(const RankPoint& point) const {
  if (point[kProtocol] != icmp_ && point[kProtocol] != icmpv6_) return true;
  // The codes' cuts are those of destination ports.
  return point[kSourcePort] <= last_byte_ && ranks_->point(point)[kDestinationPort].low <= 255;
}

/// As CoverSearch::of(), of packets that there can be.
Cover RuleSearch::uncovered(const RankBox& box, std::uint32_t before) {
  Cover cover = search_->of(box, before);
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
    cover = search_->of(part, before);
    if (cover.kind == Cover::Kind::Open) return cover;
    if (cover.kind == Cover::Kind::NotFinished) together.kind = Cover::Kind::NotFinished;
    together.by.insert(together.by.end(), cover.by.begin(), cover.by.end());
  }
  return together;
}

void RuleSearch::tidy(const RankBox& box, std::uint32_t before, RankPoint& witness) const {
  for (const Field field :
       {Field::Protocol, Field::Source, Field::Destination, Field::DestinationPort, Field::SourcePort}) {
    const auto f = static_cast<std::size_t>(field);
    Point wanted = ranks_->point(witness);
    for (const Value& value : usual_values(field, boxes_of_.family())) {
      wanted[f] = value;
      RankPoint other = witness;
      other[f] = ranks_->of(wanted)[f];
      if (other[f] < box.first[f] || other[f] > box.last[f] || !is_possible(other)) continue;
      if (taking_index_->any_before(other, before) != BoxIndex::kNone) continue;
      witness = other;
      break;
    }
  }
}

/// In the order of their rules.
std::vector<std::uint32_t> RuleSearch::overlapping(const RankBox& box) const {
  std::vector<std::uint32_t> found;
  static_cast<void>(index_->overlapping(box, BoxIndex::kNone, SIZE_MAX, found));
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
      const RankBox part = *common(box, all_[number]);
      const Cover cover = uncovered(part, first_taker_[rule]);
      if (cover.kind == Cover::Kind::Whole) continue;
      hits.push_back({.rule = rule,
                      .way = ways_[rule],
                      .is_finished = cover.kind == Cover::Kind::Open,
                      .part = part,
                      .example = cover.witness});
      if (hits.back().is_finished) tidy(part, first_taker_[rule], hits.back().example);
    }
    const Cover rest = uncovered(box, first_taker_.back());
    if (rest.kind == Cover::Kind::Whole) continue;
    hits.push_back({.rule = kNoRule,
                    .way = Way::Takes,
                    .is_finished = rest.kind == Cover::Kind::Open,
                    .part = box,
                    .example = rest.witness});
    if (hits.back().is_finished) tidy(box, first_taker_.back(), hits.back().example);
  }
  // One of each rule, one that was found rather than one that was not.
  std::ranges::stable_sort(hits, [](const Hit& a, const Hit& b) {
    return a.rule != b.rule ? a.rule < b.rule : a.is_finished && !b.is_finished;
  });
  const auto doubles = std::ranges::unique(hits, {}, &Hit::rule);
  hits.erase(doubles.begin(), doubles.end());
  return hits;
}

RuleSearch::Found RuleSearch::first(std::span<const Box> question, const std::function<bool(std::size_t, Way)>& wants) {
  Found found;
  const auto take = [&](std::size_t rule, const RankBox& part, std::uint32_t before) {
    const Cover cover = uncovered(part, before);
    if (cover.kind == Cover::Kind::NotFinished) found.is_finished = false;
    if (cover.kind != Cover::Kind::Open) return;
    const Way way = rule == kNoRule ? Way::Takes : ways_[rule];
    if (found.hit && rule >= found.hit->rule) return;
    found.hit = Hit{.rule = rule, .way = way, .part = part, .example = cover.witness};
    tidy(part, before, found.hit->example);
  };
  for (const std::size_t rule : unknown_)
    if (wants(rule, Way::Unknown)) found.is_finished = false;
  for (const Box& each : question) {
    const RankBox box = ranks_->of(each);
    for (const std::uint32_t number : overlapping(box)) {
      const std::size_t rule = owner_[number];
      if (found.hit && rule >= found.hit->rule) break;
      if (wants(rule, ways_[rule])) take(rule, *common(box, all_[number]), first_taker_[rule]);
    }
    if (!found.hit && wants(kNoRule, Way::Takes)) take(kNoRule, box, first_taker_.back());
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
      const Cover cover = uncovered(*common(box, all_[number]), first_taker_[rule]);
      if (cover.kind != Cover::Kind::Whole) return std::nullopt;
      for (const std::uint32_t taker : cover.by) by.push_back(taking_owner_[taker]);
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
