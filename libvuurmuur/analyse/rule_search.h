// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analyse/cover.h"
#include "analyse/filter_boxes.h"
#include "analyse/ranks.h"

namespace vuurmuur::analyse {

/// How a rule stands to packets that meet its conditions.
enum class Way : std::uint8_t {
  Takes,     ///< whatever the moment is, it has the last word
  MayTake,   ///< a limit, or a chain of the user's, may let the packet go on
  PassesOn,  ///< it logs
  Unknown,   ///< what it takes is not known (FilterBoxes::taken_by)
};

/// Stands for no rule: what is left when none takes it, and the chain's policy drops (doc/semantics.md, section 1, step
/// 13).
inline constexpr std::size_t kNoRule = SIZE_MAX;

/// What is made of a rule with a limit.
enum class Limits : std::uint8_t {
  LetGo,  ///< beyond it, packets go on to the next rule: both is looked at
  Take,   ///< only packets within it are asked about
};

/// Which rules of a policy get packets of a question to decide, exactly, as filter asks them. Made once for a family
/// and all questions that are going to be asked.
class RuleSearch {
 public:
  /// `questions` are all boxes that will be asked about: rules that are not near them are left out. Ranks also know
  /// `others`. `boxes_of` must outlive it.
  RuleSearch(const FilterBoxes& boxes_of, std::span<const Box> questions, std::span<const Box> others = {});
  RuleSearch(const RuleSearch&) = delete;
  RuleSearch& operator=(const RuleSearch&) = delete;

  /// A rule that packets of a question get to.
  struct Hit {
    std::size_t rule = kNoRule;  ///< place in Policy::rules
    Way way = Way::Takes;
    bool is_finished = true;  ///< false: the budget ran out, and whether there is such a packet is not known
    RankBox part{};           ///< where it is: what the rule and the question share
    RankPoint example{};      ///< a packet, when it is finished
  };

  /// Those that get some packet of the question that no rule before it takes, in their order, the boxes of a question
  /// in theirs; at the end kNoRule when something is left for it. A packet may be in several: rules with a limit let it
  /// go on.
  [[nodiscard]] std::vector<Hit> split(std::span<const Box> question);

  /// What a search for one packet gives.
  struct Found {
    std::optional<Hit> hit;  ///< nothing: there is none, or it is not known
    bool is_finished = true;
  };
  /// The first rule among those that `wants` asks for that gets a packet which no rule before it takes. Also asked
  /// about kNoRule.
  [[nodiscard]] Found first(std::span<const Box> question, const std::function<bool(std::size_t rule, Way way)>& wants,
                            Limits limits = Limits::LetGo);

  /// The rules before a place that together leave a rule nothing of a question; nothing when they leave it something,
  /// or it is not known.
  [[nodiscard]] std::optional<std::vector<std::size_t>> takers_before(std::span<const Box> question, std::size_t rule);

  /// Rules that the packet meets before a place and that may have let it go on: limits, chains, logs. In their order.
  [[nodiscard]] std::vector<std::size_t> passed(const RankPoint& packet, std::size_t before) const;

  [[nodiscard]] Way way_of(std::size_t rule) const { return ways_[rule]; }
  [[nodiscard]] const Ranks& ranks() const { return *ranks_; }
  /// The other boxes that it was made with.
  [[nodiscard]] std::span<const RankBox> others() const { return others_; }
  [[nodiscard]] const FilterBoxes& boxes_of() const { return boxes_of_; }

 private:
  /// Of the boxes before a number those that let nothing of theirs go on.
  [[nodiscard]] Among taking(std::uint32_t before, Limits limits = Limits::LetGo) const {
    return {.before = before, .only = limits == Limits::Take ? &is_taking_within_limits_ : &is_taking_};
  }
  [[nodiscard]] Cover uncovered(const RankBox& box, const Among& takers);
  /// Makes the witness of an open box one that people would think of, as far as one is left like that.
  void tidy(const RankBox& box, const Among& takers, RankPoint& witness) const;
  [[nodiscard]] bool is_possible(const RankPoint& point) const;
  [[nodiscard]] std::vector<std::uint32_t> overlapping(const RankBox& box) const;

  const FilterBoxes& boxes_of_;
  std::vector<Way> ways_;                 ///< by rule
  std::vector<std::uint32_t> first_box_;  ///< by rule: how many boxes are of rules before it
  std::vector<std::size_t> unknown_;      ///< rules of which it is not known what they take
  std::optional<Ranks> ranks_;
  std::vector<RankBox> others_;
  std::vector<RankBox> boxes_;        ///< of rules that are near a question, in their order
  std::vector<std::uint32_t> owner_;  ///< their rules
  /// By box: nothing of it goes on; and nothing within the limit of its rule.
  std::vector<bool> is_taking_, is_taking_within_limits_;
  std::optional<BoxIndex> index_;
  std::optional<CoverSearch> search_;
  std::uint32_t icmp_ = 0, icmpv6_ = 0, last_byte_ = 0;  ///< ranks
};

/// How a rule stands to packets that meet its conditions.
[[nodiscard]] Way way_of(const sema::Rule& rule);

}  // namespace vuurmuur::analyse
