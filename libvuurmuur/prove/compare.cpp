// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/compare.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "analyse/ranks.h"
#include "analyse/remainder.h"
#include "prove/encoding.h"

namespace vuurmuur::prove {
namespace {

using analyse::BoxIndex;
using analyse::RankBox;

/// The boxes of a program's entries, and of its parts, in a list of all boxes.
struct Boxes {
  /// Boxes from `begin` on, and whose they are.
  struct List {
    std::size_t begin = 0;
    std::vector<std::uint32_t> owner;
  };
  List ending, passing, parts;
  std::vector<std::uint32_t> before;  ///< by box that passes: how many ending ones stand before it

  Boxes(const Program& program, const Encoding& encoding, std::vector<analyse::Box>& all) {
    Situation last;
    std::vector<analyse::Interval> pieces = encoding.pieces(last);
    const auto add = [&](const Region& region, std::uint32_t owner, List& to) {
      if (region.when != last) {
        last = region.when;
        pieces = encoding.pieces(last);
      }
      for (const analyse::Interval& piece : pieces) {
        all.push_back(region.box);
        all.back()[analyse::Field::Chain] = piece;
        to.owner.push_back(owner);
      }
    };
    ending.begin = all.size();
    for (std::uint32_t i = 0; i < program.entries.size(); ++i)
      if (program.entries[i].ends) add(program.entries[i].region, i, ending);
    passing.begin = all.size();
    std::size_t ends = 0;
    for (std::uint32_t i = 0; i < program.entries.size(); ++i) {
      if (program.entries[i].ends) continue;
      add(program.entries[i].region, i, passing);
      while (ends < ending.owner.size() && ending.owner[ends] < i) ++ends;
      before.resize(passing.owner.size(), static_cast<std::uint32_t>(ends));
    }
    parts.begin = all.size();
    for (std::uint32_t i = 0; i < program.parts.size(); ++i) add(program.parts[i].region, i, parts);
  }
};

struct HashOfBox {
  std::size_t operator()(const RankBox& box) const {
    std::uint64_t hash = 0x9e3779b97f4a7c15;
    for (std::size_t f = 0; f < analyse::kFields; ++f) {
      hash = (hash ^ box.first[f]) * 0xff51afd7ed558ccd;
      hash = (hash ^ (hash >> 29) ^ box.last[f]) * 0xc4ceb9fe1a85ec53;
    }
    return static_cast<std::size_t>(hash ^ (hash >> 32));
  }
};
struct SameBox {
  bool operator()(const RankBox& a, const RankBox& b) const { return a.first == b.first && a.last == b.last; }
};
/// The first place of each box in a list.
using Places = std::unordered_map<RankBox, std::uint32_t, HashOfBox, SameBox>;

Places places_of(std::span<const RankBox> boxes) {
  Places places;
  places.reserve(boxes.size());
  for (std::uint32_t i = 0; i < boxes.size(); ++i) places.try_emplace(boxes[i], i);
  return places;
}

RankBox shared(const RankBox& a, const RankBox& b) {
  RankBox both;
  for (std::size_t f = 0; f < analyse::kFields; ++f) {
    both.first[f] = std::max(a.first[f], b.first[f]);
    both.last[f] = std::min(a.last[f], b.last[f]);
  }
  return both;
}

class Comparing {
 public:
  Comparing(const Program& first, const Program& second, std::size_t steps, std::size_t most)
      : programs_{&first, &second}, encoding_(programs_), steps_(steps), most_(most) {
    std::vector<analyse::Box> all;
    all.reserve(first.entries.size() + second.entries.size());
    for (const std::size_t side : {0U, 1U}) boxes_[side].emplace(*programs_[side], encoding_, all);
    ranks_.emplace(all);
    const auto ranked = [&](const Boxes::List& list) {
      std::vector<RankBox> result;
      result.reserve(list.owner.size());
      for (std::size_t i = 0; i < list.owner.size(); ++i) result.push_back(ranks_->of(all[list.begin + i]));
      return result;
    };
    for (const std::size_t side : {0U, 1U}) {
      ending_[side] = ranked(boxes_[side]->ending);
      passing_[side] = ranked(boxes_[side]->passing);
      places_[side] = places_of(ending_[side]);
    }
    parts_ = ranked(boxes_[0]->parts);
    second_.emplace(ending_[1]);
  }

  Comparison run() {
    endings();
    for (const std::size_t side : {0U, 1U}) passings(side);
    order();
    return std::move(result_);
  }

 private:
  [[nodiscard]] const Entry& ending_entry(std::size_t side, std::uint32_t box) const {
    return programs_[side]->entries[boxes_[side]->ending.owner[box]];
  }
  [[nodiscard]] bool is_full() const { return result_.disagreements.size() >= most_; }

  /// The place of a box in a list, as if behind all when it is not there.
  [[nodiscard]] std::uint32_t place(std::size_t side, const RankBox& box) const {
    const auto found = places_[side].find(box);
    return found == places_[side].end() ? UINT32_MAX : found->second;
  }

  /// Entries of the first, part by part: what is near a part in the second is looked up once.
  void endings() {
    std::vector<std::vector<std::uint32_t>> of_part(programs_[0]->parts.size());
    for (std::uint32_t i = 0; i < ending_[0].size(); ++i) of_part[ending_entry(0, i).part].push_back(i);
    std::vector<bool> is_done(ending_[0].size());
    std::vector<std::uint32_t> near, twins;
    for (std::size_t p = 0; p < parts_.size() && !is_full(); ++p) {
      const std::vector<std::uint32_t>& own = of_part[boxes_[0]->parts.owner[p]];
      if (own.empty()) continue;
      near.clear();
      const bool is_small = second_->overlapping(parts_[p], {}, kMostNear, near);
      if (is_small) {
        std::ranges::sort(near);
        twins.clear();
        for (const std::uint32_t j : near) twins.push_back(place_near(p, ending_[1][j], own.front()));
      }
      for (const std::uint32_t i : own) {
        if (!contains(parts_[p], ending_[0][i])) continue;
        is_done[i] = true;
        if (is_small)
          ending(i, near, twins);
        else
          ending_alone(i);
      }
    }
    for (std::uint32_t i = 0; i < ending_[0].size() && !is_full(); ++i)
      if (!is_done[i]) ending_alone(i);
  }

  /// Where the first has all that it has of a box in a part: narrowed to that part, or to one around it, or as it is.
  /// Of several the first, unless one before `enough` was found.
  [[nodiscard]] std::uint32_t place_near(std::size_t part, const RankBox& box, std::uint32_t enough) const {
    std::uint32_t first = UINT32_MAX;
    const Boxes::List& all = boxes_[0]->parts;
    for (std::uint32_t owner = all.owner[part];; owner = programs_[0]->parts[owner].around) {
      for (auto p = static_cast<std::size_t>(std::ranges::lower_bound(all.owner, owner) - all.owner.begin());
           p < all.owner.size() && all.owner[p] == owner; ++p)
        if (contains(parts_[p], parts_[part])) first = std::min(first, place(0, shared(parts_[p], box)));
      if (first < enough) return first;
      if (programs_[0]->parts[owner].around == owner) return std::min(first, place(0, box));
    }
  }

  /// The same for an entry that has too much near it.
  void ending_alone(std::uint32_t i) {
    std::vector<std::uint32_t> near, twins;
    const std::uint32_t twin = place(1, ending_[0][i]);
    static_cast<void>(second_->overlapping(ending_[0][i], {.before = twin}, SIZE_MAX, near));
    if (twin != UINT32_MAX) near.push_back(twin);
    std::ranges::sort(near);
    for (const std::uint32_t j : near) twins.push_back(place(0, ending_[1][j]));
    ending(i, near, twins);
  }

  /// Holds an entry against those that may be near it in the second. `twins`: of each of these, where the first has
  /// what it has of these packets.
  void ending(std::uint32_t i, std::span<const std::uint32_t> near, std::span<const std::uint32_t> twins) {
    const RankBox& a = ending_[0][i];
    const std::uint32_t behaviour = ending_entry(0, i).behaviour;
    for (std::size_t n = 0; n < near.size(); ++n) {
      const RankBox& b = ending_[1][near[n]];
      if (!overlap(a, b)) continue;
      if (ending_entry(1, near[n]).behaviour != behaviour) {
        ++result_.pairs;
        if (twins[n] >= i)
          settle(shared(a, b), i, near[n], {}, boxes_[0]->ending.owner[i], boxes_[1]->ending.owner[near[n]]);
      }
      // Nothing of it gets to what stands behind this one.
      if (contains(b, a)) return;
    }
  }

  /// Whether something of a region is left by what stands before; then it is a disagreement.
  void settle(const RankBox& region, std::uint32_t before_first, std::uint32_t before_second,
              std::span<const RankBox> others, std::size_t first, std::size_t second) {
    ++result_.searched;
    const analyse::Remainder left = remainders().of(region, before_first, before_second, others);
    if (left.kind == analyse::Remainder::Kind::Nothing) return;
    if (left.kind == analyse::Remainder::Kind::NotFinished) {
      ++result_.unfinished;
      return;
    }
    if (is_full()) return;
    RankBox piece = left.pieces.front();
    piece.last = piece.first;
    const analyse::Box packets = ranks_->box(piece);
    result_.disagreements.push_back({.packets = packets,
                                     .when = encoding_.situation(packets[analyse::Field::Chain].first.low),
                                     .first = first,
                                     .second = second});
  }

  /// Entries of one side that let packets go on, held against the other side.
  void passings(std::size_t side) {
    const std::size_t other = 1 - side;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> alike;  // by behaviour, boxes of the other side
    for (std::uint32_t k = 0; k < passing_[other].size(); ++k)
      alike[programs_[other]->entries[boxes_[other]->passing.owner[k]].behaviour].push_back(k);
    std::vector<std::uint32_t> near;
    std::vector<RankBox> same;
    for (std::uint32_t k = 0; k < passing_[side].size() && !is_full(); ++k) {
      const RankBox& box = passing_[side][k];
      const std::uint32_t owner = boxes_[side]->passing.owner[k], before = boxes_[side]->before[k];
      const auto& others = alike[programs_[side]->entries[owner].behaviour];
      // Where one of the same stands that has all of it, later ends are no matter.
      std::uint32_t until = UINT32_MAX;
      for (const std::uint32_t each : others)
        if (contains(passing_[other][each], box)) until = std::min(until, boxes_[other]->before[each]);
      near.clear();
      static_cast<void>(
          (other == 1 ? *second_ : remainders().index(0)).overlapping(box, {.before = until}, SIZE_MAX, near));
      for (const std::uint32_t j : near) {
        ++result_.pairs;
        const RankBox& b = ending_[other][j];
        if (place(side, b) < before) continue;
        same.clear();
        for (const std::uint32_t each : others)
          if (boxes_[other]->before[each] <= j && overlap(passing_[other][each], box))
            same.push_back(passing_[other][each]);
        const std::uint32_t end = boxes_[other]->ending.owner[j];
        if (side == 0)
          settle(shared(box, b), before, j, same, owner, end);
        else
          settle(shared(box, b), j, before, same, end, owner);
      }
    }
  }

  /// Where the moment decides whether a packet goes on, rules have to stand in the order of the policy.
  void order() {
    std::vector<unsigned> rules;
    std::vector<std::uint32_t> uncertain;
    for (std::uint32_t k = 0; k < passing_[0].size(); ++k) {
      const Entry& entry = programs_[0]->entries[boxes_[0]->passing.owner[k]];
      rules.push_back(entry.rule);
      if (entry.is_uncertain) uncertain.push_back(k);
    }
    for (const std::uint32_t k : uncertain)
      for (std::uint32_t other = 0; other < passing_[0].size(); ++other) {
        const bool is_turned = other < k ? rules[other] > rules[k] : rules[other] < rules[k];
        if (!is_turned || !overlap(passing_[0][k], passing_[0][other])) continue;
        // Only packets that get to both are sorted by it.
        const std::uint32_t before = std::max(boxes_[0]->before[k], boxes_[0]->before[other]);
        if (remainders().of(shared(passing_[0][k], passing_[0][other]), before, 0).kind !=
            analyse::Remainder::Kind::Nothing)
          ++result_.unfinished;
      }
  }

  /// Made when something has to be searched for.
  [[nodiscard]] analyse::Remainders& remainders() {
    if (!remainders_) remainders_.emplace(ending_[0], ending_[1], steps_);
    return *remainders_;
  }

  static constexpr std::size_t kMostNear = 1024;

  std::array<const Program*, 2> programs_;
  Encoding encoding_;
  std::size_t steps_, most_;
  std::array<std::optional<Boxes>, 2> boxes_;
  std::optional<analyse::Ranks> ranks_;
  std::array<std::vector<RankBox>, 2> ending_, passing_;
  std::vector<RankBox> parts_;  ///< of the first
  std::array<Places, 2> places_;
  std::optional<BoxIndex> second_;
  std::optional<analyse::Remainders> remainders_;
  Comparison result_;
};

}  // namespace

Comparison compare(const Program& first, const Program& second, std::size_t steps, std::size_t most) {
  return Comparing(first, second, steps, most).run();
}

}  // namespace vuurmuur::prove
