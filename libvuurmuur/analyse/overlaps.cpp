// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/overlaps.h"

#include <algorithm>
#include <future>
#include <optional>
#include <tuple>
#include <utility>

#include "analyse/box_index.h"
#include "analyse/cover.h"
#include "analyse/filter_boxes.h"
#include "analyse/row_traffic.h"
#include "analyse/rule_search.h"
#include "analyse/verdict_text.h"

namespace vuurmuur::analyse {
namespace {

/// Boxes of opposite action that are looked at in a family: a few tenths of a second.
constexpr std::size_t kMostMeetings = 1'000'000;
/// Pairs of rules that are looked at closely, and pieces that one box is cut into.
constexpr std::size_t kMostPairs = 30'000, kMostPieces = 400;

}  // namespace

class OverlapSearch::FamilySearch {
 public:
  FamilySearch(const sema::Policy& policy, net::Family family) : boxes_of_(policy, family) {
    std::vector<Box> boxes;
    for (const sema::Rule& rule : policy.rules) {
      const auto before = static_cast<std::uint32_t>(boxes.size());
      begin_.push_back(before);
      admits_.push_back(lets_through(rule));
      if (way_of(rule) != Way::Takes) continue;
      const RuleBoxes own = boxes_of_.taken_by(rule);
      if (own.has_more) continue;
      boxes.insert(boxes.end(), own.boxes.begin(), own.boxes.end());
    }
    begin_.push_back(static_cast<std::uint32_t>(boxes.size()));
    ranks_.emplace(boxes);
    taking_.reserve(boxes.size());
    for (const Box& box : boxes) taking_.push_back(ranks_->of(box));
    for (std::size_t rule = 0; rule < policy.rules.size(); ++rule) {
      for (const std::size_t side : {0U, 1U})
        sides_[side].begin.push_back(static_cast<std::uint32_t>(sides_[side].boxes.size()));
      Side& own = sides_[admits_[rule] ? 1 : 0];
      for (std::uint32_t box = begin_[rule]; box < begin_[rule + 1]; ++box) {
        own.boxes.push_back(taking_[box]);
        own.numbers.push_back(box);
        own.owners.push_back(static_cast<std::uint32_t>(rule));
      }
    }
    for (Side& side : sides_) side.index.emplace(side.boxes);
    index_.emplace(taking_);
    search_.emplace(taking_, *index_);
  }

  bool find(const TimeLimit& limit, std::vector<Overlap>& found) {
    std::size_t meetings = kMostMeetings, pairs = kMostPairs;
    for (std::size_t second = 0; second < admits_.size(); ++second) {
      if (begin_[second] == begin_[second + 1]) continue;
      if (limit.is_over() || !meet(second, meetings)) return false;
      std::optional<bool> is_left;  // whether those before leave the second one something
      for (std::size_t at = 0, end = 0; at < met_.size(); at = end) {
        while (end < met_.size() && met_[end].rule == met_[at].rule) ++end;
        const std::span<const Meeting> group = std::span(met_).subspan(at, end - at);
        if (is_inside(group)) continue;
        if (pairs == 0 || (--pairs % 256 == 0 && limit.is_over())) return false;
        const auto shared = shared_packet(group);
        if (!shared || !goes_beyond(group.front().rule, second)) continue;
        if (!is_left) is_left = is_live(second);
        if (!*is_left) break;
        found.push_back({.first = group.front().rule,
                         .second = second,
                         .example = {.family = boxes_of_.family(), .point = ranks_->point(*shared)}});
      }
    }
    return true;
  }

  void add_traffic(const Overlap& overlap, OverlapTraffic& to) const {
    RowTraffic row;
    std::vector<Box> told;
    for (std::uint32_t a = begin_[overlap.first]; a < begin_[overlap.first + 1]; ++a)
      for (std::uint32_t b = begin_[overlap.second]; b < begin_[overlap.second + 1]; ++b) {
        const auto region = common(taking_[a], taking_[b]);
        if (!region) continue;
        std::vector<Box> pieces{ranks_->box(*region)};
        bool is_whole = true;
        const auto take_away = [&](const Box& box) { is_whole = is_whole && subtract(box, kMostPieces, pieces); };
        for (const Box& box : told) take_away(box);
        for (const RankBox& box : taken_before(*region, overlap.first)) take_away(ranks_->box(box));
        std::erase_if(pieces, [](const Box& piece) { return !can_be(piece); });
        told.push_back(ranks_->box(*region));
        std::vector<RankBox> ranked;
        for (const Box& piece : pieces) ranked.push_back(ranks_->of(piece));
        if (!ranked.empty()) row.add(*ranks_, ranked, *region, is_whole);
      }
    const std::vector<RankBox> boxes = row.boxes();
    if (boxes.empty()) return;
    const net::Family family = boxes_of_.family();
    if (to.traffic.empty())
      to.example = row.is_outline()
                       ? overlap.example
                       : Witness{.family = family, .point = example_of(ranks_->box(row.example()), family)};
    for (const RankBox& box : boxes) to.traffic.push_back({.family = family, .box = ranks_->box(box)});
    to.is_outline = to.is_outline || row.is_outline();
  }

 private:
  /// Boxes of the rules that admit, or of those that refuse, in order.
  struct Side {
    std::vector<RankBox> boxes{};
    std::vector<std::uint32_t> numbers{}, owners{}, begin{};  ///< places in taking_; rules; by rule: of its first box
    std::optional<BoxIndex> index{};
  };
  /// A box of an earlier rule that overlaps one of the later rule.
  struct Meeting {
    std::uint32_t rule, first, second;  ///< boxes: places in taking_
    bool is_inside;
    bool operator<(const Meeting& other) const {
      return std::tie(rule, first, second) < std::tie(other.rule, other.first, other.second);
    }
  };

  /// Finds what of rules of opposite action before a rule overlaps it, rule by rule.
  bool meet(std::size_t second, std::size_t& meetings) {
    const Side& side = sides_[admits_[second] ? 0 : 1];
    met_.clear();
    for (std::uint32_t own = begin_[second]; own < begin_[second + 1]; ++own) {
      near_.clear();
      if (!side.index->overlapping(taking_[own], {.before = side.begin[second]}, meetings, near_)) return false;
      meetings -= near_.size();
      for (const std::uint32_t at : near_)
        met_.push_back({.rule = side.owners[at],
                        .first = side.numbers[at],
                        .second = own,
                        .is_inside = contains(taking_[own], side.boxes[at])});
    }
    std::ranges::sort(met_, std::less<>());
    return true;
  }

  /// Whether each box of the earlier rule is inside one of the later rule.
  [[nodiscard]] bool is_inside(std::span<const Meeting> group) const {
    const std::uint32_t rule = group.front().rule;
    std::uint32_t inside = 0, last = UINT32_MAX;
    for (const Meeting& meeting : group) {
      if (!meeting.is_inside || meeting.first == last) continue;
      last = meeting.first;
      ++inside;
    }
    return inside == begin_[rule + 1] - begin_[rule];
  }

  /// A packet of both that the earlier one decides.
  std::optional<RankPoint> shared_packet(std::span<const Meeting> group) {
    for (const Meeting& meeting : group) {
      const Cover cover =
          search_->of(*common(taking_[meeting.first], taking_[meeting.second]), {.before = begin_[meeting.rule]});
      if (cover.kind == Cover::Kind::Open) return cover.witness;
    }
    return std::nullopt;
  }

  /// Whether the earlier rule decides a packet that the later one would not take.
  bool goes_beyond(std::size_t first, std::size_t second) {
    for (std::uint32_t box = begin_[first]; box < begin_[first + 1]; ++box) {
      std::vector<Box> pieces{ranks_->box(taking_[box])};
      bool is_whole = true;
      for (std::uint32_t other = begin_[second]; is_whole && other < begin_[second + 1]; ++other)
        if (overlap(taking_[other], taking_[box]))
          is_whole = subtract(ranks_->box(taking_[other]), kMostPieces, pieces);
      // In too many pieces: that one is inside the other is the last that a person would see in it.
      if (!is_whole) return true;
      for (const Box& piece : pieces)
        if (search_->of(ranks_->of(piece), {.before = begin_[first]}).kind == Cover::Kind::Open) return true;
    }
    return false;
  }

  bool is_live(std::size_t rule) {
    for (std::uint32_t box = begin_[rule]; box < begin_[rule + 1]; ++box)
      if (search_->of(taking_[box], {.before = begin_[rule]}).kind == Cover::Kind::Open) return true;
    return false;
  }

  /// Boxes of rules before a rule that overlap a region.
  [[nodiscard]] std::vector<RankBox> taken_before(const RankBox& region, std::size_t rule) const {
    std::vector<std::uint32_t> numbers;
    static_cast<void>(index_->overlapping(region, {.before = begin_[rule]}, SIZE_MAX, numbers));
    std::vector<RankBox> boxes;
    for (const std::uint32_t number : numbers) boxes.push_back(taking_[number]);
    return boxes;
  }

  FilterBoxes boxes_of_;
  std::vector<bool> admits_;          ///< by rule
  std::vector<std::uint32_t> begin_;  ///< by rule: of its first box in taking_; one more at the end
  std::optional<Ranks> ranks_;
  std::vector<RankBox> taking_;
  std::array<Side, 2> sides_;  ///< of those that refuse, of those that admit
  std::optional<BoxIndex> index_;
  std::optional<CoverSearch> search_;
  std::vector<std::uint32_t> near_;
  std::vector<Meeting> met_;
};

OverlapSearch::OverlapSearch(const sema::Policy& policy) {
  const auto make = [&](net::Family family) { return std::make_unique<FamilySearch>(policy, family); };
  auto other = std::async(std::launch::async, make, net::Family::Ipv6);
  families_[0] = make(net::Family::Ipv4);
  families_[1] = other.get();
}

OverlapSearch::~OverlapSearch() = default;

bool OverlapSearch::find(const TimeLimit& limit) {
  std::vector<Overlap> ipv6;
  found_.clear();
  auto other = std::async(std::launch::async, [&] { return families_[1]->find(limit, ipv6); });
  const bool is_finished = families_[0]->find(limit, found_);
  const bool is_other_finished = other.get();
  // Both are in that order, and of the same pair in both families that of IPv4 is kept.
  found_.insert(found_.end(), ipv6.begin(), ipv6.end());
  const auto place = [](const Overlap& overlap) { return std::pair(overlap.second, overlap.first); };
  std::ranges::stable_sort(found_, {}, place);
  found_.erase(std::ranges::unique(found_, {}, place).begin(), found_.end());
  return is_finished && is_other_finished;
}

OverlapTraffic OverlapSearch::traffic_of(const Overlap& overlap) const {
  OverlapTraffic traffic;
  for (const auto& family : families_) family->add_traffic(overlap, traffic);
  if (traffic.traffic.empty()) traffic.example = overlap.example;
  return traffic;
}

}  // namespace vuurmuur::analyse
