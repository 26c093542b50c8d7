// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/redundant.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <random>

#include "analyse/change.h"
#include "analyse/cover.h"
#include "analyse/filter_boxes.h"
#include "analyse/rule_search.h"

namespace vuurmuur::analyse {
namespace {

using Kind = Redundancy::Kind;

/// Boxes that are looked at for one rule, each time anew, before it is given up.
constexpr std::size_t kMostWork = 2'000'000;

/// Whether what a rule does is all done by a rule that has its packets: not so when it is done in other tables too.
bool is_asked(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  return way_of(rule) != Way::PassesOn && action != Chain && action != Portfw && action != Redirect && action != Bounce;
}

/// ICMP has no types and codes above 255.
void cut_to_bytes(Box& box) {
  for (const net::Protocol protocol : {net::Protocol::Icmp, net::Protocol::Icmpv6})
    if (box[Field::Protocol] == Interval::one(static_cast<std::uint64_t>(protocol)))
      for (const Field field : {Field::SourcePort, Field::DestinationPort})
        box[field].last = std::min(box[field].last, Value{.low = 255});
}

/// The rules of one family.
class FamilySearch {
 public:
  FamilySearch(const sema::Policy& policy, net::Family family, std::span<const Reach> reaches)
      : policy_(policy), family_(family) {
    read(reaches);
    search_.emplace(boxes_, *index_);
  }
  FamilySearch(const FamilySearch&) = delete;
  FamilySearch& operator=(const FamilySearch&) = delete;

  /// Of a rule that is asked about; NotAsked: it takes nothing in this family.
  [[nodiscard]] Redundancy of(std::size_t rule);

  /// From here on it is not there.
  void remove(std::size_t rule) {
    for (std::uint32_t box = first_[rule]; box < first_[rule + 1]; ++box) is_there_[box] = is_taking_[box] = false;
  }

 private:
  void read(std::span<const Reach> reaches);
  [[nodiscard]] bool probe(std::size_t rule, const RankBox& box, Redundancy& found);
  [[nodiscard]] Redundancy of_box(std::size_t rule, const RankBox& box);
  [[nodiscard]] bool does_the_same(std::size_t rule, const sema::Rule* other) const {
    const auto* settings = policy_.settings;
    return !change_of({.rule = &policy_.rules[rule], .settings = settings}, {.rule = other, .settings = settings});
  }
  /// What a box behind a rule is to it.
  enum class Behind : std::uint8_t {
    End,         ///< it takes what it holds, and does the same with it
    Way,         ///< it may take it, and then does the same with it
    Difference,  ///< anything else
  };
  [[nodiscard]] Behind behind(std::size_t rule, std::uint32_t box) const {
    const std::size_t other = owner_[box];
    if (is_unknown_[other] || *policy_.rules[other].source->action == model::Action::Chain ||
        way_of(policy_.rules[other]) == Way::PassesOn || !does_the_same(rule, &policy_.rules[other]))
      return Behind::Difference;
    return is_taking_[box] ? Behind::End : Behind::Way;
  }
  [[nodiscard]] Redundancy needed(const RankPoint& packet) const {
    return {.kind = Kind::Needed, .by = {}, .witness = Witness{.family = family_, .point = ranks_->point(packet)}};
  }

  const sema::Policy& policy_;
  net::Family family_;
  std::vector<std::uint32_t> first_;  ///< by rule, the number of its first box; one more at the end
  std::vector<std::size_t> owner_;    ///< by box
  std::vector<bool> is_there_, is_taking_;
  std::vector<bool> is_unknown_;  ///< by rule: its boxes are around all that it may take
  std::optional<Ranks> ranks_;
  std::vector<RankBox> boxes_;
  std::optional<BoxIndex> index_;
  std::optional<CoverSearch> search_;
  std::minstd_rand random_{20260101};
  std::vector<std::uint32_t> near_;
};

void FamilySearch::read(std::span<const Reach> reaches) {
  const FilterBoxes boxes_of(policy_, family_);
  BoxPile boxes;
  for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
    const sema::Rule& rule = policy_.rules[i];
    first_.push_back(static_cast<std::uint32_t>(boxes.size()));
    is_unknown_.push_back(false);
    RuleBoxes found = boxes_of.taken_by(rule);
    if (found.has_more) {
      found.boxes = boxes_of.plain().around(rule);
      is_unknown_.back() = true;
    }
    // One that never matches is not there when it would do, and is when it would do otherwise.
    const bool is_taking = !is_unknown_.back() && way_of(rule) == Way::Takes && reaches[i].kind != Reach::Kind::Never;
    for (Box& box : found.boxes) {
      cut_to_bytes(box);
      boxes.add(box);
    }
    owner_.resize(boxes.size(), i);
    is_taking_.resize(boxes.size(), is_taking);
  }
  first_.push_back(static_cast<std::uint32_t>(boxes.size()));
  is_there_.assign(boxes.size(), true);
  ranks_.emplace(boxes);
  boxes_ = ranks_->of(boxes, boxes.size());
  index_.emplace(boxes_);
}

/// Packets at random: most rules that make a difference make one there.
bool FamilySearch::probe(std::size_t rule, const RankBox& box, Redundancy& found) {
  for (int tries = 0; tries < CoverSearch::kProbes; ++tries) {
    RankPoint point;
    for (std::size_t f = 0; f < kFields; ++f)
      point[f] = box.first[f] + static_cast<std::uint32_t>(random_() % (std::uint64_t{box.last[f]} - box.first[f] + 1));
    if (index_->any(point, {.before = first_[rule], .only = &is_taking_}) != BoxIndex::kNone) continue;
    Among among{.from = first_[rule + 1], .only = &is_there_};
    std::uint32_t next = index_->first(point, among);
    for (; next != BoxIndex::kNone && behind(rule, next) == Behind::Way; next = index_->first(point, among))
      among.from = next + 1;
    const bool is_same = next == BoxIndex::kNone ? does_the_same(rule, nullptr) : behind(rule, next) == Behind::End;
    if (is_same) continue;
    found = needed(point);
    return true;
  }
  return false;
}

Redundancy FamilySearch::of_box(std::size_t rule, const RankBox& box) {
  Redundancy result{.kind = Kind::Redundant, .by = {}, .witness = {}};
  if (probe(rule, box, result)) return result;
  near_.clear();
  const Among others{.only = &is_there_, .without_from = first_[rule], .without_before = first_[rule + 1]};
  static_cast<void>(index_->overlapping(box, others, SIZE_MAX, near_));
  std::ranges::sort(near_);
  std::vector<std::uint32_t> taking,
      differences;  // what leaves it nothing, and what is met with a difference behind it
  const auto own = std::ranges::lower_bound(near_, first_[rule]);
  std::ranges::copy_if(near_.begin(), own, std::back_inserter(taking),
                       [this](std::uint32_t n) { return is_taking_[n]; });
  if (search_->of(box, taking).kind == Cover::Kind::Whole) return {.kind = Kind::NotAsked, .by = {}, .witness = {}};
  bool is_whole = false;  // one box behind it takes all
  for (auto number = own; number != near_.end() && !is_whole; ++number) {
    const Behind what = behind(rule, *number);
    if (what == Behind::Difference) differences.push_back(*number);
    if (what != Behind::End) continue;
    taking.push_back(*number);
    is_whole = contains(boxes_[*number], box);
  }
  const Cover all = search_->of(box, taking);
  if (all.kind == Cover::Kind::NotFinished) return {.kind = Kind::NotFinished, .by = {}, .witness = {}};
  result.by_policy = all.kind == Cover::Kind::Open;
  if (result.by_policy && !does_the_same(rule, nullptr)) return needed(all.witness);
  std::size_t work = 0;
  for (const std::uint32_t number : differences) {
    const std::span before(taking.begin(), std::ranges::lower_bound(taking, number));
    work += before.size() + 1;
    if (work > kMostWork) return {.kind = Kind::NotFinished, .by = {}, .witness = {}};
    const Cover cover = search_->of(*common(box, boxes_[number]), before);
    if (cover.kind == Cover::Kind::Open) return needed(cover.witness);
    if (cover.kind == Cover::Kind::NotFinished) result.kind = Kind::NotFinished;
  }
  for (const std::uint32_t number : result.by_policy ? taking : all.by)
    if (number >= first_[rule + 1]) result.by.push_back(owner_[number]);
  return result;
}

Redundancy FamilySearch::of(std::size_t rule) {
  Redundancy result;
  if (is_unknown_[rule]) return result;
  for (std::uint32_t number = first_[rule]; number < first_[rule + 1]; ++number) {
    Redundancy found = of_box(rule, boxes_[number]);
    if (found.kind == Kind::Needed) return found;
    if (found.kind == Kind::NotAsked) continue;
    if (result.kind != Kind::NotFinished) result.kind = found.kind;
    result.by.insert(result.by.end(), found.by.begin(), found.by.end());
    result.by_policy = result.by_policy || found.by_policy;
  }
  std::ranges::sort(result.by);
  result.by.erase(std::ranges::unique(result.by).begin(), result.by.end());
  return result;
}

/// Of a rule, from what both families say.
Redundancy together(Redundancy a, Redundancy b) {
  for (const Kind kind : {Kind::Needed, Kind::NotFinished})
    for (Redundancy* each : {&a, &b})
      if (each->kind == kind) return std::move(*each);
  if (a.kind == Kind::NotAsked) return b;
  if (b.kind == Kind::NotAsked) return a;
  std::vector<std::size_t> by;
  std::ranges::set_union(a.by, b.by, std::back_inserter(by));
  a.by = std::move(by);
  a.by_policy = a.by_policy || b.by_policy;
  return a;
}

}  // namespace

std::vector<Redundancy> redundant_rules(const sema::Policy& policy, std::span<const Reach> reaches,
                                        const TimeLimit& limit) {
  std::vector<std::optional<FamilySearch>> families(2);
  const auto alone = [&](std::size_t family) {
    FamilySearch& search = families[family].emplace(policy, net::kFamilies[family], reaches);
    std::vector<Redundancy> found(policy.rules.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!is_asked(policy.rules[i]) || reaches[i].kind == Reach::Kind::Never) continue;
      if (limit.is_over())
        found[i].kind = Kind::NotFinished;
      else
        found[i] = search.of(i);
    }
    return found;
  };
  auto other_half = std::async(std::launch::async, alone, 1);
  std::vector<Redundancy> ipv4 = alone(0), ipv6 = other_half.get(), result;
  bool is_one_gone = false;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    Redundancy found = together(std::move(ipv4[i]), std::move(ipv6[i]));
    if (found.kind == Kind::Redundant && is_one_gone) {
      if (limit.is_over())
        found = {.kind = Kind::NotFinished, .by = {}, .witness = {}};
      else
        found = together(families[0]->of(i), families[1]->of(i));
    }
    if (found.kind == Kind::Redundant) {
      for (auto& family : families) family->remove(i);
      is_one_gone = true;
    }
    result.push_back(std::move(found));
  }
  return result;
}

}  // namespace vuurmuur::analyse
