// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analyse/filter_boxes.h"
#include "analyse/question.h"
#include "analyse/rule_search.h"
#include "analyse/sample.h"

namespace vuurmuur::analyse {

/// What becomes of some of the packets that were asked about. It is told of an example.
struct Row {
  std::size_t rule = kNoRule;  ///< place in Policy::rules; kNoRule: none takes them, and the chain's policy drops
  Way way = Way::Takes;
  bool is_finished = true;  ///< false: whether there are such packets was not found out, and there is no example
  Sample example;
  std::vector<std::size_t> passed;        ///< rules that the example meets before, and that log it or may take it
  std::optional<std::size_t> masked_by;   ///< the rule that gives it another source when it is let through and leaves
  std::optional<net::Prefix> blocked_by;  ///< an entry of the blocklist, which drops it before rules are asked
  std::optional<model::Spoof> spoof;      ///< what anti-spoofing drops it as, before or behind the rules
  /// In what the rule asks for less than the question has.
  bool has_less_from = false, has_less_to = false, has_less_service = false;
};

/// The rows of packets as they came, or as a rule redirected them.
struct Branch {
  std::optional<std::size_t> redirected_by;  ///< a portfw, dnat, bounce or redirect rule
  std::vector<Row> rows;                     ///< those that the first rule gets first
};

/// What a policy does with first packets of connections in a family.
struct Explanation {
  net::Family family{};
  bool is_finished = true;       ///< false: redirections have too many pieces, and were not followed
  std::vector<Branch> branches;  ///< none: there are no such packets in this family
};

/// Splits the packets of a question by the rules that decide them. Destinations are translated first, as rules say.
/// Exact, with the assumptions of reach_of_rules().
[[nodiscard]] std::vector<Explanation> explain(const sema::Policy& policy, const Question& question);

/// Why a rule does not take what was asked about.
struct WhyNot {
  enum class Kind : std::uint8_t {
    Takes,       ///< but it does take some, or may: `example`
    TakenFirst,  ///< the rules `by` together take all that it would
    Differs,     ///< a condition is not met
    TakesNone,   ///< it takes no packet at all in the families asked about
    NotFinished,
  };
  Kind kind = Kind::NotFinished;
  std::vector<std::size_t> by;
  bool takes_all = false;  ///< of Takes: nothing of the question is taken by others before
  std::optional<Sample> example;
  /// Conditions that no packet of the question meets, where it comes closest to them.
  bool from = false, to = false, service = false, chain = false;
};
[[nodiscard]] WhyNot why_not(const sema::Policy& policy, const Question& question, std::size_t rule);

}  // namespace vuurmuur::analyse
