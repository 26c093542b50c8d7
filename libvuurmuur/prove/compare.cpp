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

/// The boxes of a program's entries.
struct Boxes {
  std::vector<analyse::Box> ending, passing;
  std::vector<std::uint32_t> ending_owner, passing_owner;
  std::vector<std::uint32_t> before;  ///< by box that passes: how many ending ones stand before it

  Boxes(const Program& program, const Encoding& encoding) {
    for (std::uint32_t i = 0; i < program.entries.size(); ++i) {
      const Entry& entry = program.entries[i];
      if (entry.ends) {
        add(entry, i, encoding, ending, ending_owner);
      } else {
        add(entry, i, encoding, passing, passing_owner);
        before.resize(passing.size(), static_cast<std::uint32_t>(ending.size()));
      }
    }
  }

 private:
  static void add(const Entry& entry, std::uint32_t owner, const Encoding& encoding, std::vector<analyse::Box>& boxes,
                  std::vector<std::uint32_t>& owners) {
    std::vector<analyse::Box> own;
    encoding.add(entry.region, own);
    boxes.insert(boxes.end(), own.begin(), own.end());
    owners.resize(boxes.size(), owner);
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

RankBox common(const RankBox& a, const RankBox& b) {
  RankBox both;
  for (std::size_t f = 0; f < analyse::kFields; ++f) {
    both.first[f] = std::max(a.first[f], b.first[f]);
    both.last[f] = std::min(a.last[f], b.last[f]);
  }
  return both;
}

std::vector<RankBox> ranked(const analyse::Ranks& ranks, std::span<const analyse::Box> boxes) {
  std::vector<RankBox> result;
  result.reserve(boxes.size());
  for (const analyse::Box& box : boxes) result.push_back(ranks.of(box));
  return result;
}

class Comparing {
 public:
  Comparing(const Program& first, const Program& second, std::size_t steps)
      : programs_{&first, &second},
        encoding_(programs_),
        boxes_{Boxes(first, encoding_), Boxes(second, encoding_)},
        ranks_(all_boxes()),
        ending_{ranked(ranks_, boxes_[0].ending), ranked(ranks_, boxes_[1].ending)},
        passing_{ranked(ranks_, boxes_[0].passing), ranked(ranks_, boxes_[1].passing)},
        places_{places_of(ending_[0]), places_of(ending_[1])},
        remainders_(ending_[0], ending_[1], steps) {
    for (Boxes& boxes : boxes_) {
      boxes.ending = {};
      boxes.passing = {};
    }
  }

  Comparison run() {
    endings();
    for (const std::size_t side : {0U, 1U}) passings(side);
    order();
    return std::move(result_);
  }

 private:
  std::vector<analyse::Box> all_boxes() const {
    std::vector<analyse::Box> all;
    for (const Boxes& boxes : boxes_)
      for (const auto* list : {&boxes.ending, &boxes.passing}) all.insert(all.end(), list->begin(), list->end());
    return all;
  }

  [[nodiscard]] const Entry& ending_entry(std::size_t side, std::uint32_t box) const {
    return programs_[side]->entries[boxes_[side].ending_owner[box]];
  }
  [[nodiscard]] bool is_full() const { return result_.disagreements.size() == Comparison::kMost; }

  /// The place of a box in a list, as if behind all when it is not there.
  [[nodiscard]] std::uint32_t place(std::size_t side, const RankBox& box) const {
    const auto found = places_[side].find(box);
    return found == places_[side].end() ? UINT32_MAX : found->second;
  }

  void endings() {
    std::vector<std::uint32_t> twins(ending_[1].size());
    for (std::size_t j = 0; j < twins.size(); ++j) twins[j] = place(0, ending_[1][j]);
    std::vector<std::uint32_t> near;
    for (std::uint32_t i = 0; i < ending_[0].size() && !is_full(); ++i) {
      const RankBox& a = ending_[0][i];
      const std::uint32_t behaviour = ending_entry(0, i).behaviour;
      // What stands behind the same box in the other list has nothing of it.
      const std::uint32_t twin = place(1, a);
      near.clear();
      static_cast<void>(remainders_.index(1).overlapping(a, twin, SIZE_MAX, near));
      for (const std::uint32_t j : near) {
        if (ending_entry(1, j).behaviour == behaviour) continue;
        ++result_.pairs;
        if (twins[j] < i) continue;
        settle(common(a, ending_[1][j]), i, j, {}, boxes_[0].ending_owner[i], boxes_[1].ending_owner[j]);
      }
      if (twin != UINT32_MAX && ending_entry(1, twin).behaviour != behaviour) {
        ++result_.pairs;
        if (twins[twin] >= i) settle(a, i, twin, {}, boxes_[0].ending_owner[i], boxes_[1].ending_owner[twin]);
      }
    }
  }

  /// Whether something of a region is left by what stands before; then it is a disagreement.
  void settle(const RankBox& region, std::uint32_t before_first, std::uint32_t before_second,
              std::span<const RankBox> others, std::size_t first, std::size_t second) {
    ++result_.searched;
    const analyse::Remainder left = remainders_.of(region, before_first, before_second, others);
    if (left.kind == analyse::Remainder::Kind::Nothing) return;
    if (left.kind == analyse::Remainder::Kind::NotFinished) {
      ++result_.unfinished;
      return;
    }
    if (is_full()) return;
    RankBox piece = left.pieces.front();
    piece.last = piece.first;
    const analyse::Box packets = ranks_.box(piece);
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
      alike[programs_[other]->entries[boxes_[other].passing_owner[k]].behaviour].push_back(k);
    std::vector<std::uint32_t> near;
    std::vector<RankBox> same;
    for (std::uint32_t k = 0; k < passing_[side].size() && !is_full(); ++k) {
      const RankBox& box = passing_[side][k];
      const std::uint32_t owner = boxes_[side].passing_owner[k], before = boxes_[side].before[k];
      const auto& others = alike[programs_[side]->entries[owner].behaviour];
      // Where one of the same stands that has all of it, later ends are no matter.
      std::uint32_t until = UINT32_MAX;
      for (const std::uint32_t each : others)
        if (contains(passing_[other][each], box)) until = std::min(until, boxes_[other].before[each]);
      near.clear();
      static_cast<void>(remainders_.index(other).overlapping(box, until, SIZE_MAX, near));
      for (const std::uint32_t j : near) {
        ++result_.pairs;
        const RankBox& b = ending_[other][j];
        if (place(side, b) < before) continue;
        same.clear();
        for (const std::uint32_t each : others)
          if (boxes_[other].before[each] <= j && overlap(passing_[other][each], box))
            same.push_back(passing_[other][each]);
        const std::uint32_t end = boxes_[other].ending_owner[j];
        if (side == 0)
          settle(common(box, b), before, j, same, owner, end);
        else
          settle(common(box, b), j, before, same, end, owner);
      }
    }
  }

  /// Where the moment decides whether a packet goes on, rules have to stand in the order of the policy.
  void order() {
    std::vector<unsigned> rules;
    std::vector<std::uint32_t> uncertain;
    for (std::uint32_t k = 0; k < passing_[0].size(); ++k) {
      const Entry& entry = programs_[0]->entries[boxes_[0].passing_owner[k]];
      rules.push_back(entry.rule);
      if (entry.is_uncertain) uncertain.push_back(k);
    }
    for (const std::uint32_t k : uncertain)
      for (std::uint32_t other = 0; other < passing_[0].size(); ++other) {
        const bool is_turned = other < k ? rules[other] > rules[k] : rules[other] < rules[k];
        if (!is_turned || !overlap(passing_[0][k], passing_[0][other])) continue;
        // Only packets that get to both are sorted by it.
        const std::uint32_t before = std::max(boxes_[0].before[k], boxes_[0].before[other]);
        if (remainders_.of(common(passing_[0][k], passing_[0][other]), before, 0).kind !=
            analyse::Remainder::Kind::Nothing)
          ++result_.unfinished;
      }
  }

  std::array<const Program*, 2> programs_;
  Encoding encoding_;
  std::array<Boxes, 2> boxes_;
  analyse::Ranks ranks_;
  std::array<std::vector<RankBox>, 2> ending_, passing_;
  std::array<Places, 2> places_;
  analyse::Remainders remainders_;
  Comparison result_;
};

}  // namespace

Comparison compare(const Program& first, const Program& second, std::size_t steps) {
  return Comparing(first, second, steps).run();
}

}  // namespace vuurmuur::prove
