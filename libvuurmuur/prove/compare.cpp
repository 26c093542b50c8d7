// SPDX-License-Identifier: GPL-2.0-or-later
#include "prove/compare.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
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

/// Entries of programs as boxes in ranks: one for each piece that the situation of an entry is.
class Ranking {
 public:
  /// Boxes, and whose they are by their place in the program.
  struct List {
    std::vector<RankBox> boxes;
    std::vector<std::uint32_t> owner;
  };

  Ranking(const RegionPile& regions, std::span<const Program* const> programs, const Encoding& encoding)
      : pieces_(regions.situations(), kUnused) {
    for (std::size_t f = 0; f < analyse::kFields; ++f) columns_[f].assign(regions.intervals(f).size(), kUnused);
    for (const Program* program : programs) {
      for (const Entry& entry : program->entries) use(entry.region, regions, encoding);
      for (const Part& part : program->parts) use(part.region, regions, encoding);
    }
    ranks_.emplace(used_);
    ranked_.reserve(used_.size());
    for (const analyse::Box& box : used_) ranked_.push_back(ranks_->of(box));
  }

  [[nodiscard]] const analyse::Ranks& ranks() const { return *ranks_; }

  /// Those of some entries, or parts.
  template <typename T, typename IsAsked>
  [[nodiscard]] List of(const std::vector<T>& all, IsAsked is_asked) const {
    List list;
    std::size_t count = 0;
    for (const T& each : all)
      if (is_asked(each)) count += lists_[pieces_[each.region.when]].size();
    list.boxes.reserve(count);
    list.owner.reserve(count);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (!is_asked(all[i])) continue;
      const RegionNumbers& region = all[i].region;
      RankBox box;
      for (std::size_t f = 0; f < analyse::kFields; ++f)
        if (f != kSituation) set(box, f, columns_[f][region.fields[f]]);
      for (const std::uint32_t piece : lists_[pieces_[region.when]]) {
        set(box, kSituation, piece);
        list.boxes.push_back(box);
        list.owner.push_back(i);
      }
    }
    return list;
  }

 private:
  static constexpr std::uint32_t kUnused = UINT32_MAX;
  static constexpr auto kSituation = static_cast<std::size_t>(analyse::Field::Chain);

  void use(const RegionNumbers& region, const RegionPile& regions, const Encoding& encoding) {
    for (std::size_t f = 0; f < analyse::kFields; ++f)
      if (std::uint32_t& column = columns_[f][region.fields[f]]; f != kSituation && column == kUnused)
        column = use(f, regions.intervals(f)[region.fields[f]]);
    std::uint32_t& list = pieces_[region.when];
    if (list != kUnused) return;
    list = static_cast<std::uint32_t>(lists_.size());
    std::vector<std::uint32_t>& pieces = lists_.emplace_back();
    for (const analyse::Interval& piece : encoding.pieces(regions.situation(region.when)))
      pieces.push_back(use(kSituation, piece));
  }

  /// The box that has an interval in a field from now on.
  std::uint32_t use(std::size_t field, const analyse::Interval& interval) {
    if (used_.size() == counts_[field]) used_.emplace_back();
    used_[counts_[field]].fields[field] = interval;
    return counts_[field]++;
  }

  void set(RankBox& box, std::size_t field, std::uint32_t column) const {
    box.first[field] = ranked_[column].first[field];
    box.last[field] = ranked_[column].last[field];
  }

  std::array<std::vector<std::uint32_t>, analyse::kFields> columns_;  ///< by number of an interval: its box in `used_`
  std::array<std::uint32_t, analyse::kFields> counts_{};
  std::vector<std::uint32_t> pieces_;              ///< by number of a situation: its place in `lists_`
  std::vector<std::vector<std::uint32_t>> lists_;  ///< boxes in `used_` that have its pieces
  std::vector<analyse::Box> used_;                 ///< all intervals, each in its field of some box
  std::optional<analyse::Ranks> ranks_;
  std::vector<RankBox> ranked_;  ///< `used_`
};

/// The first place of each box in a list.
class Places {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The boxes must outlive it.
  explicit Places(std::span<const RankBox> boxes) : boxes_(boxes), slots_(std::bit_ceil(2 * boxes.size() + 1)) {
    for (std::uint32_t i = 0; i < boxes.size(); ++i) {
      const std::uint64_t hash = hash_of(boxes[i]);
      if (Slot& slot = slots_[slot_of(boxes[i], hash)]; slot.place == kNone)
        slot = {.place = i, .hash = static_cast<std::uint32_t>(hash >> 32)};
    }
  }
  [[nodiscard]] std::uint32_t find(const RankBox& box) const { return slots_[slot_of(box, hash_of(box))].place; }

 private:
  struct Slot {
    std::uint32_t place = kNone;
    std::uint32_t hash = 0;  ///< the upper half of it, so that hardly any other box is looked at
  };

  /// The one that has a box, or that it would be put into.
  [[nodiscard]] std::size_t slot_of(const RankBox& box, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (slots_[at].place != kNone && (slots_[at].hash != hash >> 32 || !is_same(boxes_[slots_[at].place], box)))
      at = (at + 1) & mask;
    return at;
  }
  static bool is_same(const RankBox& a, const RankBox& b) {
    for (std::size_t f = 0; f < analyse::kFields; ++f)
      if (a.first[f] != b.first[f] || a.last[f] != b.last[f]) return false;
    return true;
  }
  /// A sum, so that no field has to wait for the one before it.
  static std::uint64_t hash_of(const RankBox& box) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15, kMix = 0xff51afd7ed558ccd;
    std::uint64_t sum = 0, odd = kOdd;
    for (std::size_t f = 0; f < analyse::kFields; ++f, odd *= kOdd)
      sum += (std::uint64_t{box.first[f]} << 32 | box.last[f]) * odd;
    const std::uint64_t mixed = (sum ^ sum >> 29) * kMix;
    return mixed ^ mixed >> 32;
  }

  std::span<const RankBox> boxes_;
  std::vector<Slot> slots_;
};

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
  Comparing(const RegionPile& regions, const Program& first, const Program& second, std::size_t steps, std::size_t most)
      : programs_{&first, &second},
        encoding_(regions, programs_),
        ranking_(regions, programs_, encoding_),
        steps_(steps),
        most_(most),
        parts_(ranking_.of(first.parts, [](const Part&) { return true; })) {
    for (const std::size_t side : {0U, 1U}) {
      const std::vector<Entry>& entries = programs_[side]->entries;
      ending_[side] = ranking_.of(entries, [](const Entry& entry) { return entry.ends; });
      passing_[side] = ranking_.of(entries, [](const Entry& entry) { return !entry.ends; });
      places_[side].emplace(ending_[side].boxes);
      behaviours_[side].reserve(ending_[side].owner.size());
      for (const std::uint32_t owner : ending_[side].owner) behaviours_[side].push_back(entries[owner].behaviour);
      for (const std::uint32_t owner : passing_[side].owner)
        before_[side].push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(ending_[side].owner, owner) -
                                                           ending_[side].owner.begin()));
    }
    second_.emplace(ending_[1].boxes);
  }

  Comparison run() {
    endings();
    for (const std::size_t side : {0U, 1U}) passings(side);
    order();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool is_full() const { return result_.disagreements.size() >= most_; }

  /// The place of a box in a list, as if behind all when it is not there.
  [[nodiscard]] std::uint32_t place(std::size_t side, const RankBox& box) const { return places_[side]->find(box); }

  /// Entries of the first, part by part: what is near a part in the second is looked up once.
  void endings() {
    std::vector<std::vector<std::uint32_t>> of_part(programs_[0]->parts.size());
    for (std::uint32_t i = 0; i < ending_[0].boxes.size(); ++i)
      of_part[programs_[0]->entries[ending_[0].owner[i]].part].push_back(i);
    std::vector<bool> is_done(ending_[0].boxes.size());
    std::vector<std::uint32_t> near, twins;
    for (std::size_t p = 0; p < parts_.boxes.size() && !is_full(); ++p) {
      const std::vector<std::uint32_t>& own = of_part[parts_.owner[p]];
      if (own.empty()) continue;
      near.clear();
      const bool is_small = index_of_second().overlapping(parts_.boxes[p], {}, kMostNear, near);
      if (is_small) {
        std::ranges::sort(near);
        twins.clear();
        for (const std::uint32_t j : near) twins.push_back(place_near(p, ending_[1].boxes[j], own.front()));
      }
      for (const std::uint32_t i : own) {
        if (!contains(parts_.boxes[p], ending_[0].boxes[i])) continue;
        is_done[i] = true;
        if (is_small)
          ending(i, near, twins);
        else
          ending_alone(i);
      }
    }
    for (std::uint32_t i = 0; i < ending_[0].boxes.size() && !is_full(); ++i)
      if (!is_done[i]) ending_alone(i);
  }

  /// Where the first has all that it has of a box in a part: narrowed to that part, or to one around it, or as it is.
  /// Of several the first, unless one before `enough` was found.
  [[nodiscard]] std::uint32_t place_near(std::size_t part, const RankBox& box, std::uint32_t enough) const {
    std::uint32_t first = UINT32_MAX;
    const Ranking::List& all = parts_;
    for (std::uint32_t owner = all.owner[part];; owner = programs_[0]->parts[owner].around) {
      for (auto p = static_cast<std::size_t>(std::ranges::lower_bound(all.owner, owner) - all.owner.begin());
           p < all.owner.size() && all.owner[p] == owner; ++p)
        if (contains(parts_.boxes[p], parts_.boxes[part]))
          first = std::min(first, place(0, shared(parts_.boxes[p], box)));
      if (first < enough) return first;
      if (programs_[0]->parts[owner].around == owner) return std::min(first, place(0, box));
    }
  }

  /// The same for an entry that has too much near it.
  void ending_alone(std::uint32_t i) {
    std::vector<std::uint32_t> near, twins;
    const std::uint32_t twin = place(1, ending_[0].boxes[i]);
    static_cast<void>(index_of_second().overlapping(ending_[0].boxes[i], {.before = twin}, SIZE_MAX, near));
    if (twin != UINT32_MAX) near.push_back(twin);
    std::ranges::sort(near);
    for (const std::uint32_t j : near) twins.push_back(place(0, ending_[1].boxes[j]));
    ending(i, near, twins);
  }

  /// Holds an entry against those that may be near it in the second. `twins`: of each of these, where the first has
  /// what it has of these packets.
  void ending(std::uint32_t i, std::span<const std::uint32_t> near, std::span<const std::uint32_t> twins) {
    const RankBox& a = ending_[0].boxes[i];
    const std::uint32_t behaviour = behaviours_[0][i];
    for (std::size_t n = 0; n < near.size(); ++n) {
      const RankBox& b = ending_[1].boxes[near[n]];
      if (!overlap(a, b)) continue;
      if (behaviours_[1][near[n]] != behaviour) {
        ++result_.pairs;
        if (twins[n] >= i) settle(shared(a, b), i, near[n], {}, ending_[0].owner[i], ending_[1].owner[near[n]]);
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
    const analyse::Box packets = ranking_.ranks().box(piece);
    result_.disagreements.push_back({.packets = packets,
                                     .when = encoding_.situation(packets[analyse::Field::Chain].first.low),
                                     .first = first,
                                     .second = second});
  }

  /// Entries of one side that let packets go on, held against the other side.
  void passings(std::size_t side) {
    const std::size_t other = 1 - side;
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> alike;  // by behaviour, boxes of the other side
    for (std::uint32_t k = 0; k < passing_[other].boxes.size(); ++k)
      alike[programs_[other]->entries[passing_[other].owner[k]].behaviour].push_back(k);
    std::vector<std::uint32_t> near;
    std::vector<RankBox> same;
    for (std::uint32_t k = 0; k < passing_[side].boxes.size() && !is_full(); ++k) {
      const RankBox& box = passing_[side].boxes[k];
      const std::uint32_t owner = passing_[side].owner[k], before = before_[side][k];
      const auto& others = alike[programs_[side]->entries[owner].behaviour];
      // Where one of the same stands that has all of it, later ends are no matter.
      std::uint32_t until = UINT32_MAX;
      for (const std::uint32_t each : others)
        if (contains(passing_[other].boxes[each], box)) until = std::min(until, before_[other][each]);
      near.clear();
      static_cast<void>(
          (other == 1 ? index_of_second() : remainders().index(0)).overlapping(box, {.before = until}, SIZE_MAX, near));
      for (const std::uint32_t j : near) {
        ++result_.pairs;
        const RankBox& b = ending_[other].boxes[j];
        if (place(side, b) < before) continue;
        same.clear();
        for (const std::uint32_t each : others)
          if (before_[other][each] <= j && overlap(passing_[other].boxes[each], box))
            same.push_back(passing_[other].boxes[each]);
        const std::uint32_t end = ending_[other].owner[j];
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
    for (std::uint32_t k = 0; k < passing_[0].boxes.size(); ++k) {
      const Entry& entry = programs_[0]->entries[passing_[0].owner[k]];
      rules.push_back(entry.rule);
      if (entry.is_uncertain) uncertain.push_back(k);
    }
    const BoxIndex index(passing_[0].boxes);
    std::vector<std::uint32_t> near;
    for (const std::uint32_t k : uncertain) {
      near.clear();
      static_cast<void>(index.overlapping(passing_[0].boxes[k], {}, SIZE_MAX, near));
      for (const std::uint32_t other : near) {
        const bool is_turned = other < k ? rules[other] > rules[k] : rules[other] < rules[k];
        if (!is_turned) continue;
        // Only packets that get to both are sorted by it.
        const std::uint32_t before = std::max(before_[0][k], before_[0][other]);
        if (remainders().of(shared(passing_[0].boxes[k], passing_[0].boxes[other]), before, 0).kind !=
            analyse::Remainder::Kind::Nothing)
          ++result_.unfinished;
      }
    }
  }

  /// Made when something has to be searched for.
  [[nodiscard]] analyse::Remainders& remainders() {
    if (!remainders_) {
      second_.reset();  // it has one of its own
      remainders_.emplace(ending_[0].boxes, ending_[1].boxes, steps_);
    }
    return *remainders_;
  }

  [[nodiscard]] const BoxIndex& index_of_second() const { return remainders_ ? remainders_->index(1) : *second_; }

  static constexpr std::size_t kMostNear = 1024;

  std::array<const Program*, 2> programs_;
  Encoding encoding_;
  Ranking ranking_;
  std::size_t steps_, most_;
  Ranking::List parts_;  ///< of the first
  std::array<Ranking::List, 2> ending_, passing_;
  std::array<std::vector<std::uint32_t>, 2> before_;      ///< by box that passes: how many ending ones stand before it
  std::array<std::optional<Places>, 2> places_;           ///< of those that end
  std::array<std::vector<std::uint32_t>, 2> behaviours_;  ///< of these, as entries have them
  std::optional<BoxIndex> second_;
  std::optional<analyse::Remainders> remainders_;
  Comparison result_;
};

}  // namespace

Comparison compare(const RegionPile& regions, const Program& first, const Program& second, std::size_t steps,
                   std::size_t most) {
  return Comparing(regions, first, second, steps, most).run();
}

}  // namespace vuurmuur::prove
