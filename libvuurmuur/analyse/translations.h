// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <vector>

#include "analyse/filter_boxes.h"
#include "analyse/time_limit.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// What comes of the translation of a rule.
struct Translation {
  enum class Kind : std::uint8_t {
    None,        ///< the rule translates nothing by its action
    Works,       ///< a packet that it is the first to translate may be let through
    Nothing,     ///< there is no packet that it would translate: no address of any family on both sides
    TakenFirst,  ///< the rules `by` together translate all that it would
    Refused,  ///< nothing of what it translates is let through: the rules `by` refuse it, or, without any, none takes
              ///< it
    NotFinished,  ///< it was not found out
  };
  Kind kind = Kind::None;
  std::vector<std::size_t> by{};  ///< places in Policy::rules
};

/// One for each rule of the policy. Destinations are asked as they are behind translation, sources as they are before;
/// of a bounce rule, which translates both, either is enough.
/// A rule with a limit and a chain of the user's may let anything through.
[[nodiscard]] std::vector<Translation> translations_of_rules(const sema::Policy& policy, const TimeLimit& limit = {});

/// Packets that a rule is the first to redirect: pieces of its redirections that no rule before it holds.
struct FirstRedirected {
  std::size_t rule = 0;
  Redirection to;           ///< with all of its box
  std::vector<Box> pieces;  ///< of that
};

/// All of a policy in a family, in the order of the rules. `is_whole` becomes false when there were too many pieces;
/// those that are given are redirected all the same.
[[nodiscard]] std::vector<FirstRedirected> first_redirected(const FilterBoxes& boxes_of, bool& is_whole);

}  // namespace vuurmuur::analyse
