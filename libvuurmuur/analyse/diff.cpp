// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/diff.h"

#include <algorithm>
#include <array>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "analyse/common_rules.h"
#include "analyse/meaning.h"
#include "analyse/policy_boxes.h"
#include "analyse/ranks.h"
#include "analyse/remainder.h"
#include "analyse/row_traffic.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::size_t kBefore = 0, kAfter = 1;
constexpr std::size_t other_side(std::size_t side) { return 1 - side; }

/// With more boxes of rules that differ than that, all rules are near one of them as well as not.
constexpr std::size_t kMostToFilterBy = 300;

bool is_translation(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  return action == Portfw || action == Dnat || action == Redirect || action == Bounce || action == Snat ||
         action == Masq;
}

/// A rule of one policy in one family.
struct Part {
  std::vector<Box> boxes{};   ///< that it takes for sure, or logs
  std::vector<Box> around{};  ///< what it may take, or see, on the way to another rule
  bool takes = false;         ///< what is in boxes goes no further
  bool is_log = false;        ///< it takes nothing, and logs what is in boxes
  bool is_known = true;       ///< the boxes and what it does with them are all of its meaning
  std::string meaning{};      ///< of one that is not known

  [[nodiscard]] bool is_there() const { return !boxes.empty() || !around.empty(); }
  /// Whether it is between other rules without a box that takes all.
  [[nodiscard]] bool is_on_the_way() const { return !takes || !is_known; }
};

Part part_of(const sema::Policy& policy, const sema::Rule& rule, const PolicyBoxes& boxes_of) {
  Part part;
  RuleBoxes found = boxes_of.of(rule);
  part.is_known = !found.has_more && !found.is_translation;
  part.takes = takes_all(rule);
  part.is_log = *rule.source->action == model::Action::Log;
  if (part.is_on_the_way()) part.around = boxes_of.around(rule);
  if (!part.is_known && part.is_there()) part.meaning = meaning_of(policy, rule);
  if (part.takes || part.is_log) part.boxes = std::move(found.boxes);
  return part;
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

std::uint64_t hash_of(const sema::Rule& rule, const Part& part) {
  if (!part.is_known) return std::hash<std::string>{}(part.meaning);
  std::uint64_t hash = static_cast<std::uint64_t>(*rule.source->action);
  for (const std::vector<Box>* boxes : {&part.boxes, &part.around})
    for (const Box& box : *boxes)
      for (const Interval& interval : box.fields) {
        hash = mixed(hash, interval.first.low ^ interval.first.high << 1);
        hash = mixed(hash, interval.last.low ^ interval.last.high << 1);
      }
  const model::Options& options = rule.source->options;
  if (options.queue) hash = mixed(hash, options.queue->value.first);
  if (options.log_prefix) hash = mixed(hash, std::hash<std::string>{}(options.log_prefix->value));
  return mixed(hash, options.log ? 1 : 0);
}

bool are_same(const sema::Rule& a, const Part& one, const sema::Rule& b, const Part& other) {
  if (one.is_known != other.is_known) return false;
  if (!one.is_known) return one.meaning == other.meaning;
  return one.boxes == other.boxes && one.around == other.around && do_the_same(a, b) &&
         a.source->options.limit == b.source->options.limit && a.source->options.burst == b.source->options.burst;
}

bool overlap(const Box& a, const Box& b) {
  for (std::size_t f = 0; f < kFields; ++f)
    if (a.fields[f].first > b.fields[f].last || b.fields[f].first > a.fields[f].last) return false;
  return true;
}

/// What is in both; they overlap.
RankBox common(const RankBox& a, const RankBox& b) {
  RankBox both;
  for (std::size_t f = 0; f < kFields; ++f) {
    both.first[f] = std::max(a.first[f], b.first[f]);
    both.last[f] = std::min(a.last[f], b.last[f]);
  }
  return both;
}

/// What a family says.
struct Half {
  std::vector<DiffRow> rows;
  std::set<NotCompared> not_compared;
  std::size_t unfinished = 0;
};

/// One policy of the two, in one family.
struct Side {
  const sema::Policy* policy = nullptr;
  std::vector<Part> parts{};           ///< by rule
  std::vector<std::size_t> present{};  ///< rules that there are in the family
  std::vector<std::size_t> twin{};     ///< by rule, the same one in the other policy; SIZE_MAX: there is none
  // Boxes that take all and are near a difference, in order.
  std::vector<RankBox> boxes{};
  std::vector<std::size_t> owner{};
  std::vector<bool> is_changed{};  ///< by box: its rule has no twin

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(boxes.size()); }
  /// How many of its boxes are of rules before one.
  [[nodiscard]] std::uint32_t boxes_before(std::size_t rule) const {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(owner, rule) - owner.begin());
  }
  [[nodiscard]] const sema::Rule& rule(std::size_t place) const { return policy->rules[place]; }
};

class FamilyDiff {
 public:
  FamilyDiff(const sema::Policy& before, const sema::Policy& after, net::Family family, std::size_t steps)
      : family_(family), steps_(steps) {
    sides_[kBefore].policy = &before;
    sides_[kAfter].policy = &after;
  }

  Half run() {
    read(kBefore);
    read(kAfter);
    find_twins();
    if (family_ == net::Family::Ipv4) compare_translation();
    note_unknown();
    const std::vector<Box> changed = changed_boxes();
    if (!changed.empty()) look_at(changed);
    return std::move(half_);
  }

 private:
  void read(std::size_t side);
  void find_twins();
  void compare_translation();
  void note_unknown();
  [[nodiscard]] bool is_moved_harmlessly(std::size_t before, std::size_t after) const;
  [[nodiscard]] std::vector<Box> changed_boxes() const;
  void look_at(const std::vector<Box>& changed);
  void compare_from(std::size_t side, std::uint32_t box);
  void compare(std::uint32_t before, std::uint32_t after);
  void compare_way(const RankBox& region, std::uint32_t before, std::uint32_t after);
  void compare_log(std::size_t side, std::size_t rule);
  [[nodiscard]] bool add(Change change, std::optional<std::size_t> from, std::optional<std::size_t> to,
                         const RankBox& region, const Remainder& found);
  void finish_rows();

  [[nodiscard]] Decision decision(std::size_t side, std::uint32_t box) const {
    const Side& its = sides_[side];
    return {.rule = box < its.size() ? &its.rule(its.owner[box]) : nullptr, .settings = its.policy->settings};
  }
  [[nodiscard]] std::optional<std::size_t> owner(std::size_t side, std::uint32_t box) const {
    return box < sides_[side].size() ? std::optional(sides_[side].owner[box]) : std::nullopt;
  }

  net::Family family_;
  std::size_t steps_;
  std::array<Side, 2> sides_;
  Half half_;
  // While what is near is looked at.
  const Ranks* ranks_ = nullptr;
  Remainders* remainders_ = nullptr;
  struct OnTheWay {
    std::array<std::size_t, 2> place{};  ///< of the rule in both policies
    bool is_log = false;
    std::vector<RankBox> around{};
  };
  std::vector<OnTheWay> on_the_way_;  ///< rules with twins that may take or log what others take
  RankBox everything_, tcp_;
  std::map<std::tuple<Change, std::optional<std::size_t>, std::optional<std::size_t>>, RowTraffic> rows_;
  std::vector<std::uint32_t> numbers_;
};

void FamilyDiff::read(std::size_t side) {
  Side& its = sides_[side];
  const PolicyBoxes boxes_of(*its.policy, family_, *sides_[other_side(side)].policy);
  its.parts.reserve(its.policy->rules.size());
  for (const sema::Rule& rule : its.policy->rules) {
    its.parts.push_back(part_of(*its.policy, rule, boxes_of));
    if (its.parts.back().is_there()) its.present.push_back(its.parts.size() - 1);
  }
  its.twin.assign(its.parts.size(), SIZE_MAX);
}

void FamilyDiff::find_twins() {
  std::array<std::vector<std::uint64_t>, 2> hashes;
  for (const std::size_t side : {kBefore, kAfter})
    for (const std::size_t rule : sides_[side].present)
      hashes[side].push_back(hash_of(sides_[side].rule(rule), sides_[side].parts[rule]));
  Side &before = sides_[kBefore], &after = sides_[kAfter];
  const Common twins = common_part(hashes[kBefore], hashes[kAfter], [&](std::size_t i, std::size_t j) {
    const std::size_t a = before.present[i], b = after.present[j];
    return are_same(before.rule(a), before.parts[a], after.rule(b), after.parts[b]);
  });
  for (std::size_t i = 0; i < twins.of_first.size(); ++i) {
    if (twins.of_first[i] == Common::kNone) continue;
    before.twin[before.present[i]] = after.present[twins.of_first[i]];
    after.twin[after.present[twins.of_first[i]]] = before.present[i];
  }
}

/// Translation is done in tables of its own: its rules are to be the same in the same order, wherever others stand.
void FamilyDiff::compare_translation() {
  std::array<std::vector<std::size_t>, 2> rules;
  std::array<std::vector<std::string>, 2> meanings;
  std::array<std::vector<std::uint64_t>, 2> hashes;
  for (const std::size_t side : {kBefore, kAfter})
    for (std::size_t i = 0; i < sides_[side].policy->rules.size(); ++i) {
      const sema::Rule& rule = sides_[side].rule(i);
      if (!is_translation(rule) || rule.never) continue;
      rules[side].push_back(i);
      meanings[side].push_back(meaning_of(*sides_[side].policy, rule));
      hashes[side].push_back(std::hash<std::string>{}(meanings[side].back()));
    }
  const Common same = common_part(hashes[kBefore], hashes[kAfter], [&](std::size_t i, std::size_t j) {
    return meanings[kBefore][i] == meanings[kAfter][j];
  });
  for (std::size_t i = 0; i < rules[kBefore].size(); ++i)
    if (same.of_first[i] == Common::kNone)
      half_.not_compared.insert({NotCompared::Why::OnlyBefore, rules[kBefore][i], std::nullopt});
  for (std::size_t i = 0; i < rules[kAfter].size(); ++i)
    if (same.of_second[i] == Common::kNone)
      half_.not_compared.insert({NotCompared::Why::OnlyAfter, std::nullopt, rules[kAfter][i]});
}

/// Whether a rule that is in both policies and has no twin, for it was moved, was moved by rules alone that take none
/// of the packets it may take. Among its packets it then stands as if it had a twin.
bool FamilyDiff::is_moved_harmlessly(std::size_t before, std::size_t after) const {
  const Side &old = sides_[kBefore], &now = sides_[kAfter];
  const auto is_near = [&around = old.parts[before].around](const Part& part) {
    const auto overlaps = [&](const Box& box) {
      return std::ranges::any_of(around, [&](const Box& own) { return overlap(box, own); });
    };
    return std::ranges::any_of(part.boxes, overlaps) || std::ranges::any_of(part.around, overlaps);
  };
  for (const std::size_t rule : old.present) {
    if (rule == before || !is_near(old.parts[rule])) continue;
    if (old.twin[rule] == SIZE_MAX || (rule < before) != (old.twin[rule] < after)) return false;
  }
  return std::ranges::none_of(now.present, [&](std::size_t rule) {
    return rule != after && now.twin[rule] == SIZE_MAX && is_near(now.parts[rule]);
  });
}

/// Rules without a twin that are more than their boxes.
void FamilyDiff::note_unknown() {
  std::array<std::vector<std::size_t>, 2> unknown;
  for (const std::size_t side : {kBefore, kAfter})
    for (const std::size_t rule : sides_[side].present) {
      const Part& part = sides_[side].parts[rule];
      if (sides_[side].twin[rule] == SIZE_MAX && part.is_on_the_way() && !(part.is_log && part.is_known))
        unknown[side].push_back(rule);
    }
  const Side &old = sides_[kBefore], &now = sides_[kAfter];
  for (const std::size_t before : unknown[kBefore]) {
    const auto moved = std::ranges::find_if(unknown[kAfter], [&](std::size_t after) {
      return are_same(old.rule(before), old.parts[before], now.rule(after), now.parts[after]);
    });
    if (moved == unknown[kAfter].end()) {
      half_.not_compared.insert({NotCompared::Why::OnlyBefore, before, std::nullopt});
      continue;
    }
    if (!is_moved_harmlessly(before, *moved)) half_.not_compared.insert({NotCompared::Why::Order, before, *moved});
    unknown[kAfter].erase(moved);
  }
  for (const std::size_t after : unknown[kAfter])
    half_.not_compared.insert({NotCompared::Why::OnlyAfter, std::nullopt, after});
}

std::vector<Box> FamilyDiff::changed_boxes() const {
  std::vector<Box> changed;
  for (const Side& side : sides_)
    for (const std::size_t rule : side.present)
      if (side.twin[rule] == SIZE_MAX)
        changed.insert(changed.end(), side.parts[rule].boxes.begin(), side.parts[rule].boxes.end());
  return changed;
}

void FamilyDiff::look_at(const std::vector<Box>& changed) {
  const auto is_near = [&](const Box& box) {
    return changed.size() > kMostToFilterBy ||
           std::ranges::any_of(changed, [&](const Box& other) { return overlap(box, other); });
  };
  const Box everything = PolicyBoxes(*sides_[kBefore].policy, family_, *sides_[kAfter].policy).everything();
  Box tcp = everything;
  tcp[Field::Protocol] = Interval::one(static_cast<std::uint8_t>(net::Protocol::Tcp));
  std::vector<Box> all{everything, tcp};
  std::array<std::size_t, 2> count{};
  for (const std::size_t side : {kBefore, kAfter}) {
    Side& its = sides_[side];
    for (const std::size_t rule : its.present) {
      if (!its.parts[rule].takes) continue;
      for (const Box& box : its.parts[rule].boxes) {
        if (!is_near(box)) continue;
        all.push_back(box);
        its.owner.push_back(rule);
        its.is_changed.push_back(its.twin[rule] == SIZE_MAX);
      }
    }
    count[side] = its.owner.size();
  }
  const std::size_t takers_end = all.size();
  for (const std::size_t rule : sides_[kBefore].present) {
    const Part& part = sides_[kBefore].parts[rule];
    if (sides_[kBefore].twin[rule] == SIZE_MAX || !part.is_on_the_way()) continue;
    OnTheWay found{.place = {rule, sides_[kBefore].twin[rule]}, .is_log = part.is_log && part.is_known};
    for (const Box& box : part.around)
      if (is_near(box)) {
        all.push_back(box);
        found.around.emplace_back();
      }
    if (!found.around.empty()) on_the_way_.push_back(std::move(found));
  }
  for (const Side& side : sides_)
    for (const std::size_t rule : side.present)
      if (side.parts[rule].is_log && side.twin[rule] == SIZE_MAX)
        all.insert(all.end(), side.parts[rule].boxes.begin(), side.parts[rule].boxes.end());
  const Ranks ranks(all);
  ranks_ = &ranks;
  everything_ = ranks.of(all[0]);
  tcp_ = ranks.of(all[1]);
  std::size_t at = 2;
  for (const std::size_t side : {kBefore, kAfter})
    for (std::size_t i = 0; i < count[side]; ++i) sides_[side].boxes.push_back(ranks.of(all[at++]));
  at = takers_end;
  for (OnTheWay& each : on_the_way_)
    for (RankBox& box : each.around) box = ranks.of(all[at++]);
  Remainders remainders(sides_[kBefore].boxes, sides_[kAfter].boxes, steps_);
  remainders_ = &remainders;
  for (const std::size_t side : {kBefore, kAfter})
    for (std::uint32_t box = 0; box < sides_[side].size(); ++box)
      if (sides_[side].is_changed[box]) compare_from(side, box);
  for (const std::size_t side : {kBefore, kAfter})
    for (const std::size_t rule : sides_[side].present)
      if (sides_[side].parts[rule].is_log && sides_[side].twin[rule] == SIZE_MAX) compare_log(side, rule);
  finish_rows();
}

/// A box of a rule without a twin against what takes its packets in the other policy. Pairs of two such are looked at
/// from the policy before.
void FamilyDiff::compare_from(std::size_t side, std::uint32_t box) {
  const Side &its = sides_[side], &others = sides_[other_side(side)];
  if (remainders_->steps_left() == 0) {
    ++half_.unfinished;
    return;
  }
  std::vector<std::uint32_t> near;
  remainders_->overlapping(other_side(side), its.boxes[box], near);
  near.push_back(others.size());
  for (const std::uint32_t other : near) {
    const bool is_done = side == kAfter && other < others.size() && others.is_changed[other];
    if (!is_done) side == kBefore ? compare(box, other) : compare(other, box);
    // Nothing of it is left to those behind.
    if (other < others.size() && contains(others.boxes[other], its.boxes[box])) break;
  }
}

void FamilyDiff::compare(std::uint32_t before, std::uint32_t after) {
  const Side &old = sides_[kBefore], &now = sides_[kAfter];
  const RankBox& first = before < old.size() ? old.boxes[before] : everything_;
  const RankBox region = common(first, after < now.size() ? now.boxes[after] : everything_);
  const Decision from = decision(kBefore, before), to = decision(kAfter, after);
  const std::optional<Change> change = change_of(from, to), outside_tcp = change_outside_tcp(from, to);
  const auto ask = [&](const RankBox& part, const std::optional<Change>& what) {
    if (!what) return compare_way(part, before, after);
    if (!add(*what, owner(kBefore, before), owner(kAfter, after), part, remainders_->of(part, before, after)))
      ++half_.unfinished;
  };
  if (change == outside_tcp) return ask(region, change);
  if (overlap(region, tcp_)) ask(common(region, tcp_), change);
  constexpr auto kProtocol = static_cast<std::size_t>(Field::Protocol);
  RankBox below = region, above = region;
  below.last[kProtocol] = std::min(below.last[kProtocol], tcp_.first[kProtocol] - 1);
  above.first[kProtocol] = std::max(above.first[kProtocol], tcp_.last[kProtocol] + 1);
  for (const RankBox* part : {&below, &above})
    if (part->first[kProtocol] <= part->last[kProtocol]) ask(*part, outside_tcp);
}

/// The same becomes of it; but other rules may be met on the way.
void FamilyDiff::compare_way(const RankBox& region, std::uint32_t before, std::uint32_t after) {
  const std::size_t from = owner(kBefore, before).value_or(SIZE_MAX), to = owner(kAfter, after).value_or(SIZE_MAX);
  for (const OnTheWay& each : on_the_way_) {
    const bool is_met_before = each.place[kBefore] < from, is_met_after = each.place[kAfter] < to;
    if (is_met_before == is_met_after) continue;
    const NotCompared order{NotCompared::Why::Order, each.place[kBefore], each.place[kAfter]};
    if (!each.is_log && half_.not_compared.contains(order)) continue;
    for (const RankBox& around : each.around) {
      if (!overlap(around, region)) continue;
      const RankBox both = common(around, region);
      const Remainder found = remainders_->of(both, before, after);
      if (found.kind == Remainder::Kind::Nothing) continue;
      if (!each.is_log) {
        half_.not_compared.insert(order);
        break;
      }
      const bool is_known = is_met_before
                                ? add(Change::LogRemoved, each.place[kBefore], owner(kAfter, after), both, found)
                                : add(Change::LogAdded, owner(kBefore, before), each.place[kAfter], both, found);
      if (!is_known) ++half_.unfinished;
    }
  }
}

/// A log rule without a twin: what it sees and no rule of the other policy that logs the same way.
void FamilyDiff::compare_log(std::size_t side, std::size_t rule) {
  const Side &its = sides_[side], &others = sides_[other_side(side)];
  const auto ranked = [this](const std::vector<Box>& boxes) {
    std::vector<RankBox> result;
    for (const Box& box : boxes) result.push_back(ranks_->of(box));
    return result;
  };
  const std::vector<RankBox> seen = ranked(its.parts[rule].boxes);
  std::vector<std::size_t> alike;
  for (const std::size_t other : others.present) {
    const Part& part = others.parts[other];
    if (!part.is_log || others.twin[other] != SIZE_MAX || !do_the_same(its.rule(rule), others.rule(other)) ||
        its.rule(rule).source->options.limit != others.rule(other).source->options.limit)
      continue;
    const bool is_near = std::ranges::any_of(part.boxes, [&](const Box& a) {
      return std::ranges::any_of(its.parts[rule].boxes, [&](const Box& b) { return overlap(a, b); });
    });
    if (is_near) alike.push_back(other);
  }
  if (alike.size() > 1) {
    half_.not_compared.insert(side == kBefore ? NotCompared{NotCompared::Why::OnlyBefore, rule, std::nullopt}
                                              : NotCompared{NotCompared::Why::OnlyAfter, std::nullopt, rule});
    return;
  }
  const std::vector<RankBox> seen_there =
      alike.empty() ? std::vector<RankBox>() : ranked(others.parts[alike.front()].boxes);
  const auto ask = [&](const RankBox& region, std::uint32_t there, std::optional<std::size_t> taker,
                       std::span<const RankBox> covers) {
    const std::uint32_t here = its.boxes_before(rule);
    const bool is_known =
        side == kBefore ? add(Change::LogRemoved, rule, taker, region, remainders_->of(region, here, there, covers))
                        : add(Change::LogAdded, taker, rule, region, remainders_->of(region, there, here, covers));
    if (!is_known) ++half_.unfinished;
  };
  for (std::size_t i = 0; i < seen.size(); ++i)
  // Its boxes may overlap each other.
  {
    std::vector<RankBox> covers(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(i));
    covers.insert(covers.end(), seen_there.begin(), seen_there.end());
    ask(seen[i], 0, std::nullopt, covers);
  }
  if (alike.empty()) return;
  // What the other one would see, were it not taken before.
  const std::uint32_t end = others.boxes_before(alike.front());
  for (const RankBox& one : seen)
    for (const RankBox& two : seen_there) {
      if (!overlap(one, two)) continue;
      const RankBox both = common(one, two);
      std::vector<std::uint32_t> takers;
      remainders_->overlapping(other_side(side), both, takers);
      for (const std::uint32_t taker : takers)
        if (taker < end) ask(common(both, others.boxes[taker]), taker, others.owner[taker], {});
    }
}

/// False when nothing is known of it.
bool FamilyDiff::add(Change change, std::optional<std::size_t> from, std::optional<std::size_t> to,
                     const RankBox& region, const Remainder& found) {
  if (found.kind == Remainder::Kind::Nothing) return true;
  if (found.kind == Remainder::Kind::NotFinished) return false;
  std::vector<RankBox> real;
  for (const RankBox& piece : found.pieces)
    if (can_be(ranks_->box(piece))) real.push_back(piece);
  if (real.empty()) return found.is_whole;
  rows_[{change, from, to}].add(*ranks_, real, region, found.is_whole);
  return true;
}

void FamilyDiff::finish_rows() {
  for (auto& [key, traffic] : rows_) {
    DiffRow row{.change = std::get<0>(key), .from = std::get<1>(key), .to = std::get<2>(key)};
    row.is_outline = traffic.is_outline();
    row.witness = {.family = family_, .point = example_of(ranks_->box(traffic.example()), family_)};
    for (const RankBox& box : traffic.boxes()) row.traffic.push_back({.family = family_, .box = ranks_->box(box)});
    half_.rows.push_back(std::move(row));
  }
}

}  // namespace

PolicyDiff diff(const sema::Policy& before, const sema::Policy& after, std::size_t steps) {
  const auto half = [&](net::Family family) { return FamilyDiff(before, after, family, steps / 2).run(); };
  auto other_half = std::async(std::launch::async, [&] { return half(net::Family::Ipv6); });
  Half ipv4 = half(net::Family::Ipv4), ipv6 = other_half.get();
  PolicyDiff result;
  result.rows = std::move(ipv4.rows);
  const auto key = [](const DiffRow& row) { return std::tuple(row.change, row.to, row.from); };
  std::ranges::sort(result.rows, {}, key);
  const std::size_t known = result.rows.size();
  for (DiffRow& row : ipv6.rows) {
    const auto same = std::lower_bound(result.rows.begin(), result.rows.begin() + static_cast<std::ptrdiff_t>(known),
                                       key(row), [&](const DiffRow& a, const auto& wanted) { return key(a) < wanted; });
    if (same != result.rows.begin() + static_cast<std::ptrdiff_t>(known) && key(*same) == key(row)) {
      same->traffic.insert(same->traffic.end(), row.traffic.begin(), row.traffic.end());
      same->is_outline = same->is_outline || row.is_outline;
    } else {
      result.rows.push_back(std::move(row));
    }
  }
  std::ranges::sort(result.rows, {}, key);
  ipv4.not_compared.insert(ipv6.not_compared.begin(), ipv6.not_compared.end());
  result.not_compared.assign(ipv4.not_compared.begin(), ipv4.not_compared.end());
  result.otherwise_set = set_otherwise(before, after);
  result.unfinished = ipv4.unfinished + ipv6.unfinished;
  return result;
}

}  // namespace vuurmuur::analyse
