// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyse/besides_rules.h"
#include "analyse/box.h"
#include "analyse/change.h"
#include "analyse/never_matching.h"
#include "net/address.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// First packets of one family.
struct Traffic {
  net::Family family{};
  Box box;  ///< with the numbers that PolicyBoxes(before, family, after) gives to devices
};

/// Packets that one rule takes in the policy before and another one in the policy after, and that become something else
/// by that.
struct DiffRow {
  Change change = Change::Allowed;
  /// Places in sema::Policy::rules; nothing: no rule takes them, which leaves them to the policy of the chain. Of
  /// LogAdded and LogRemoved the log rule on its side, and on the other one the rule that takes them before it where
  /// there is one.
  std::optional<std::size_t> from, to;
  /// They have nothing in common, and are these packets exactly; unless `is_outline`: then these packets are in them,
  /// and not all of what is in them is one.
  std::vector<Traffic> traffic;
  bool is_outline = false;
  Witness witness;  ///< one of them
};

/// A rule that may have made a difference which was not looked for.
struct NotCompared {
  enum class Why : std::uint8_t {
    OnlyBefore,  ///< it is not in the policy after
    OnlyAfter,   ///< it is not in the policy before
    Order,       ///< it is in both, and not at the same place among those that take the same packets
  };
  Why why = Why::Order;
  std::optional<std::size_t> from, to;  ///< its places in both
  auto operator<=>(const NotCompared&) const = default;
};

struct PolicyDiff {
  std::vector<DiffRow> rows;  ///< by Change, then by the rules after and before
  std::vector<NotCompared> not_compared;
  std::vector<OtherwiseSet> otherwise_set;
  /// Pairs of rules for which the budget ran out: whether they differ is not known.
  std::size_t unfinished = 0;

  /// Proven: no first packet is treated otherwise.
  [[nodiscard]] bool is_equal() const {
    return rows.empty() && not_compared.empty() && otherwise_set.empty() && unfinished == 0;
  }
};

/// Steps of DiffOptions for a question that a person waits for: about a second.
inline constexpr std::size_t kDiffSteps = 20'000'000;

/// Which first packets (state NEW) two policies treat otherwise. Exact for rules that take all that they match, with
/// the assumptions of reach_of_rules(). Other rules take nothing here: one that is not the same in both (a limit, a
/// chain of the user's, translation, broadcasts), or not at the same place among others, is listed as not compared.
/// Settings and protections too.
///
/// Why it is enough to look at the rules that differ: let C be rules that are the same in both policies and stand in
/// the same order in both. A packet that is treated otherwise is taken by a rule outside C in one of them. For if rules
/// a and b of C take it, the one of them that comes first in C matches it in both policies, and is before the other one
/// in both: so it is the first to match in both, which is a = b, and does the same. So only the packets of boxes of
/// rules outside C are asked about; and of all other rules only those matter that overlap such a box.
///
/// And why pairs of boxes are enough: box a of the first policy and box b of the second are the first to hold a packet
/// exactly when it is in both, in no box before a in the first policy and in no box before b in the second.
[[nodiscard]] PolicyDiff diff(const sema::Policy& before, const sema::Policy& after, std::size_t steps = kDiffSteps);

}  // namespace vuurmuur::analyse
