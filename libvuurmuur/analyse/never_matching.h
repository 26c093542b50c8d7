// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analyse/box.h"
#include "analyse/time_limit.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// A packet that a rule is the first to take.
struct Witness {
  net::Family family{};
  Point point{};
};

/// What becomes of a rule of a policy.
struct Reach {
  enum class Kind : std::uint8_t {
    Reached,      ///< `witness` is a packet that no rule before it takes
    Never,        ///< the rules `by` together take all that it would take
    Nothing,      ///< there is no packet that it would take: no address of any family, or an interface that is off
    NotAsked,     ///< translation, broadcasts, or too many boxes (PolicyBoxes)
    NotFinished,  ///< the budget of CoverSearch ran out, or the time
  };
  Kind kind = Kind::NotAsked;
  std::vector<std::size_t> by;  ///< places in sema::Policy::rules
  std::optional<Witness> witness;
};

/// One for each rule of the policy. Exact as far as it says Reached or Never, with these assumptions: an address that
/// this machine gets from others may be any; what protections, the blocklist and limits refuse before is not looked at;
/// a rule with a limit, and the jump to a chain of the user's, may let any packet go on.
[[nodiscard]] std::vector<Reach> reach_of_rules(const sema::Policy& policy, const TimeLimit& limit = {});

/// Whether two rules do the same with what they take.
[[nodiscard]] bool do_the_same(const sema::Rule& a, const sema::Rule& b);

}  // namespace vuurmuur::analyse
