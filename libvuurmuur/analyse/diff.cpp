// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/diff.h"

#include <algorithm>
#include <array>
#include <future>
#include <map>
#include <set>
#include <tuple>

#include "analyse/common_rules.h"
#include "analyse/meaning.h"
#include "analyse/nearness.h"
#include "analyse/policy_boxes.h"
#include "analyse/ranks.h"
#include "analyse/remainder.h"
#include "analyse/row_traffic.h"
#include "analyse/rule_part.h"
#include "analyse/twins.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::size_t kBefore = 0, kAfter = 1;
constexpr std::size_t other_side(std::size_t side) { return 1 - side; }

/// What a family says.
struct Half {
  std::vector<DiffRow> rows;
  std::set<NotCompared> not_compared;
  std::size_t unfinished = 0;
};

/// One policy of the two, in one family.
struct Side {
  const sema::Policy* policy = nullptr;
  std::map<std::size_t, RulePart> changed{};  ///< rules without a twin that there are in the family
  // Boxes that take all and are near a difference, in order.
  std::vector<RankBox> boxes{};
  std::vector<std::size_t> owner{};

  [[nodiscard]] bool is_changed(std::uint32_t box) const { return changed.contains(owner[box]); }

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(boxes.size()); }
  /// How many of its boxes are of rules before one.
  [[nodiscard]] std::uint32_t boxes_before(std::size_t rule) const {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(owner, rule) - owner.begin());
  }
  [[nodiscard]] const sema::Rule& rule(std::size_t place) const { return policy->rules[place]; }
};

class FamilyDiff {
 public:
  FamilyDiff(const sema::Policy& before, const sema::Policy& after, net::Family family, const Meanings& meanings,
             const Twins& twins, std::size_t steps)
      : family_(family),
        steps_(steps),
        meanings_(meanings),
        twins_(twins),
        boxes_of_{PolicyBoxes(before, family, after), PolicyBoxes(after, family, before)} {
    sides_[kBefore].policy = &before;
    sides_[kAfter].policy = &after;
  }

  Half run() {
    find_changed();
    note_unknown();
    const std::vector<Box> changed = changed_boxes();
    if (!changed.empty()) look_at(changed);
    return std::move(half_);
  }

 private:
  void find_changed();
  void note_unknown();
  [[nodiscard]] bool is_moved_harmlessly(std::size_t before, std::size_t after) const;
  [[nodiscard]] std::vector<Box> changed_boxes() const;
  [[nodiscard]] BoxPile find_near(const std::vector<Box>& changed);
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

  [[nodiscard]] RulePart part(std::size_t side, std::size_t rule) const {
    return part_of(sides_[side].rule(rule), boxes_of_[side]);
  }

  net::Family family_;
  std::size_t steps_;
  const Meanings& meanings_;
  Twins twins_;
  std::array<PolicyBoxes, 2> boxes_of_;
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

/// Rules without a twin; of these, such as take the same packets after all are made twins, where others leave it.
void FamilyDiff::find_changed() {
  // By rule, its place and how many twins are before it: what is in one place between these is in their order.
  std::array<std::vector<std::size_t>, 2> places, behind;
  std::array<std::vector<std::uint64_t>, 2> hashes;
  for (const std::size_t side : {kBefore, kAfter}) {
    Side& its = sides_[side];
    std::size_t twins = 0;
    for (std::size_t rule = 0; rule < its.policy->rules.size(); ++rule) {
      if (twins_.has(side, rule)) {
        ++twins;
        continue;
      }
      if (!is_in_filter(its.rule(rule))) continue;
      RulePart found = part(side, rule);
      if (!found.is_there()) continue;
      places[side].push_back(rule);
      behind[side].push_back(twins);
      hashes[side].push_back(mixed(hash_of({its.rule(rule), found}, side, meanings_), twins));
      its.changed.emplace(rule, std::move(found));
    }
  }
  Side &before = sides_[kBefore], &after = sides_[kAfter];
  const Common same = common_part(hashes[kBefore], hashes[kAfter], [&](std::size_t i, std::size_t j) {
    const std::size_t a = places[kBefore][i], b = places[kAfter][j];
    return behind[kBefore][i] == behind[kAfter][j] &&
           are_same({before.rule(a), before.changed.at(a)}, {after.rule(b), after.changed.at(b)}, meanings_);
  });
  for (std::size_t i = 0; i < same.of_first.size(); ++i) {
    if (same.of_first[i] == Common::kNone) continue;
    const std::size_t a = places[kBefore][i], b = places[kAfter][same.of_first[i]];
    before.changed.erase(a);
    after.changed.erase(b);
    twins_.join(a, b);
  }
}

/// Whether a rule that is in both policies and has no twin, for it was moved, was moved by rules alone that take none
/// of the packets it may take. Among its packets it then stands as if it had a twin.
bool FamilyDiff::is_moved_harmlessly(std::size_t before, std::size_t after) const {
  const auto is_near = [&around = sides_[kBefore].changed.at(before).around](const RulePart& part) {
    const auto overlaps = [&](const Box& box) {
      return std::ranges::any_of(around, [&](const Box& own) { return overlap(box, own); });
    };
    return std::ranges::any_of(part.boxes, overlaps) || std::ranges::any_of(part.around, overlaps);
  };
  const std::vector<std::size_t>& twin = twins_.of[kBefore];
  for (std::size_t rule = 0; rule < twin.size(); ++rule)
    if (twin[rule] != Twins::kNone && (rule < before) != (twin[rule] < after) && is_near(part(kBefore, rule)))
      return false;
  const auto is_other_near = [&](std::size_t own) {
    return [&is_near, own](const auto& changed) { return changed.first != own && is_near(changed.second); };
  };
  return std::ranges::none_of(sides_[kBefore].changed, is_other_near(before)) &&
         std::ranges::none_of(sides_[kAfter].changed, is_other_near(after));
}

/// Rules without a twin that are more than their boxes.
void FamilyDiff::note_unknown() {
  std::array<std::vector<std::size_t>, 2> unknown;
  for (const std::size_t side : {kBefore, kAfter})
    for (const auto& [rule, part] : sides_[side].changed)
      if (part.is_on_the_way() && !(part.is_log && part.is_known)) unknown[side].push_back(rule);
  const Side &old = sides_[kBefore], &now = sides_[kAfter];
  for (const std::size_t before : unknown[kBefore]) {
    const auto moved = std::ranges::find_if(unknown[kAfter], [&](std::size_t after) {
      return are_same({old.rule(before), old.changed.at(before)}, {now.rule(after), now.changed.at(after)}, meanings_);
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
  std::vector<Box> boxes;
  for (const Side& side : sides_)
    for (const auto& [rule, part] : side.changed) boxes.insert(boxes.end(), part.boxes.begin(), part.boxes.end());
  return boxes;
}

/// Finds the rules that matter to packets of changed boxes, and fills in what they are but for the ranks of boxes:
/// these are given, those of takers of both sides first.
BoxPile FamilyDiff::find_near(const std::vector<Box>& changed) {
  struct Taker {
    std::size_t rule;
    Box box;
  };
  std::array<std::vector<Taker>, 2> takers;
  std::vector<Box> around;
  for (const std::size_t side : {kBefore, kAfter})
    for (const auto& [rule, part] : sides_[side].changed)
      if (part.takes)
        for (const Box& box : part.boxes) takers[side].push_back({rule, box});
  Nearness nearness(changed, family_);
  const Side& old = sides_[kBefore];
  for (std::size_t rule = 0; rule < old.policy->rules.size(); ++rule) {
    const std::size_t twin = twins_.of[kBefore][rule];
    if (twin == Twins::kNone || !nearness.is_near(old.rule(rule))) continue;
    const RulePart found = part(kBefore, rule);
    for (const Box& box : found.boxes) {
      if (!found.takes || !nearness.is_near(box)) continue;
      takers[kBefore].push_back({rule, box});
      takers[kAfter].push_back({twin, box});
    }
    if (!found.is_on_the_way()) continue;
    OnTheWay met{.place = {rule, twin}, .is_log = found.is_log && found.is_known};
    for (const Box& box : found.around) {
      if (!nearness.is_near(box)) continue;
      around.push_back(box);
      met.around.emplace_back();
    }
    if (!met.around.empty()) on_the_way_.push_back(std::move(met));
  }
  BoxPile all;
  for (const std::size_t side : {kBefore, kAfter}) {
    std::ranges::stable_sort(takers[side], {}, &Taker::rule);
    for (const Taker& taker : takers[side]) {
      all.add(taker.box);
      sides_[side].owner.push_back(taker.rule);
    }
  }
  for (const Box& box : around) all.add(box);
  return all;
}

void FamilyDiff::look_at(const std::vector<Box>& changed) {
  BoxPile all = find_near(changed);
  const std::size_t near_end = all.size();
  const Box everything = boxes_of_[kBefore].everything();
  Box tcp = everything;
  tcp[Field::Protocol] = Interval::one(static_cast<std::uint8_t>(net::Protocol::Tcp));
  all.add(everything);
  all.add(tcp);
  // Of rules that log too.
  for (const Box& box : changed) all.add(box);
  const Ranks ranks(all);
  ranks_ = &ranks;
  everything_ = ranks.of(everything);
  tcp_ = ranks.of(tcp);
  const std::vector<RankBox> ranked = ranks.of(all, near_end);
  auto next = ranked.begin();
  for (Side& side : sides_) {
    side.boxes.assign(next, next + static_cast<std::ptrdiff_t>(side.owner.size()));
    next += static_cast<std::ptrdiff_t>(side.owner.size());
  }
  for (OnTheWay& each : on_the_way_)
    for (RankBox& box : each.around) box = *next++;
  Remainders remainders(sides_[kBefore].boxes, sides_[kAfter].boxes, steps_);
  remainders_ = &remainders;
  for (const std::size_t side : {kBefore, kAfter})
    for (std::uint32_t box = 0; box < sides_[side].size(); ++box)
      if (sides_[side].is_changed(box)) compare_from(side, box);
  for (const std::size_t side : {kBefore, kAfter})
    for (const auto& [rule, part] : sides_[side].changed)
      if (part.is_log) compare_log(side, rule);
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
    const bool is_done = side == kAfter && other < others.size() && others.is_changed(other);
    if (!is_done) side == kBefore ? compare(box, other) : compare(other, box);
    // Nothing of it is left to those behind.
    if (other < others.size() && contains(others.boxes[other], its.boxes[box])) break;
  }
}

void FamilyDiff::compare(std::uint32_t before, std::uint32_t after) {
  const Side &old = sides_[kBefore], &now = sides_[kAfter];
  const RankBox& first = before < old.size() ? old.boxes[before] : everything_;
  const RankBox region = *common(first, after < now.size() ? now.boxes[after] : everything_);
  const Decision from = decision(kBefore, before), to = decision(kAfter, after);
  const std::optional<Change> change = change_of(from, to), outside_tcp = change_outside_tcp(from, to);
  const auto ask = [&](const RankBox& part, const std::optional<Change>& what) {
    if (!what) return compare_way(part, before, after);
    if (!add(*what, owner(kBefore, before), owner(kAfter, after), part, remainders_->of(part, before, after)))
      ++half_.unfinished;
  };
  if (change == outside_tcp) return ask(region, change);
  if (overlap(region, tcp_)) ask(*common(region, tcp_), change);
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
      const RankBox both = *common(around, region);
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
  const std::vector<RankBox> seen = ranked(its.changed.at(rule).boxes);
  std::vector<std::size_t> alike;
  for (const auto& [other, part] : others.changed) {
    if (!part.is_log || !do_the_same(its.rule(rule), others.rule(other)) ||
        its.rule(rule).source->options.limit != others.rule(other).source->options.limit)
      continue;
    const bool is_near = std::ranges::any_of(part.boxes, [&](const Box& a) {
      return std::ranges::any_of(its.changed.at(rule).boxes, [&](const Box& b) { return overlap(a, b); });
    });
    if (is_near) alike.push_back(other);
  }
  if (alike.size() > 1) {
    half_.not_compared.insert(side == kBefore ? NotCompared{NotCompared::Why::OnlyBefore, rule, std::nullopt}
                                              : NotCompared{NotCompared::Why::OnlyAfter, std::nullopt, rule});
    return;
  }
  const std::vector<RankBox> seen_there =
      alike.empty() ? std::vector<RankBox>() : ranked(others.changed.at(alike.front()).boxes);
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
      const RankBox both = *common(one, two);
      std::vector<std::uint32_t> takers;
      remainders_->overlapping(other_side(side), both, takers);
      for (const std::uint32_t taker : takers)
        if (taker < end) ask(*common(both, others.boxes[taker]), taker, others.owner[taker], {});
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

/// Rules that translate are to be the same in the same order.
void note_translation(const sema::Policy& before, const sema::Policy& after, const Meanings& meanings,
                      std::set<NotCompared>& not_compared) {
  const Twins twins = twins_in_translation(before, after, meanings);
  for (std::size_t i = 0; i < before.rules.size(); ++i)
    if (is_translation(before.rules[i]) && !twins.has(kBefore, i))
      not_compared.insert({NotCompared::Why::OnlyBefore, i, std::nullopt});
  for (std::size_t i = 0; i < after.rules.size(); ++i)
    if (is_translation(after.rules[i]) && !twins.has(kAfter, i))
      not_compared.insert({NotCompared::Why::OnlyAfter, std::nullopt, i});
}

}  // namespace

PolicyDiff diff(const sema::Policy& before, const sema::Policy& after, std::size_t steps) {
  const Meanings meanings(before, after);
  const Twins twins = twins_in_filter(before, after, meanings);
  const auto half = [&](net::Family family) {
    return FamilyDiff(before, after, family, meanings, twins, steps / 2).run();
  };
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
  note_translation(before, after, meanings, ipv4.not_compared);
  ipv4.not_compared.insert(ipv6.not_compared.begin(), ipv6.not_compared.end());
  result.not_compared.assign(ipv4.not_compared.begin(), ipv4.not_compared.end());
  result.otherwise_set = set_otherwise(before, after);
  result.unfinished = ipv4.unfinished + ipv6.unfinished;
  return result;
}

}  // namespace vuurmuur::analyse
