// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analyse/never_matching.h"
#include "analyse/time_limit.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// What would become of a rule's packets if it were not there.
struct Redundancy {
  enum class Kind : std::uint8_t {
    Needed,       ///< `witness` would be treated otherwise, with rules that never match or without these
    Redundant,    ///< the same
    NotAsked,     ///< it can never match, or it logs, translates, or goes to a chain of the user's
    NotFinished,  ///< the budget, or the time, ran out
  };
  Kind kind = Kind::NotAsked;
  std::vector<std::size_t> by;  ///< of Redundant: rules behind it that together take its packets then, and do the same
  bool by_policy = false;       ///< of Redundant: some of them, or all, are left to the policy of the chain
  std::optional<Witness> witness;
};

/// For each rule of a policy whether it makes a difference: whether a packet that it is the first to take would get
/// another verdict without it, or be logged, marked or queued otherwise. A rule with a limit makes none when what is
/// beyond the limit is treated as what is within. `reaches` is what reach_of_rules() says: rules that can never match
/// do not do in place of another one, and those before it that were found to be redundant are taken as not there. So
/// all that are redundant can go together, with those that never match or without these.
///
/// Exact as far as it says Redundant: all that a rule may take is looked at, what an unknown one between may take is
/// taken for a difference. The assumptions are those of reach_of_rules(). A reset and another answer are two, also to
/// packets that cannot be answered by a reset. When the time is over, what was not found out is not finished.
[[nodiscard]] std::vector<Redundancy> redundant_rules(const sema::Policy& policy, std::span<const Reach> reaches,
                                                      const TimeLimit& limit = {});

}  // namespace vuurmuur::analyse
