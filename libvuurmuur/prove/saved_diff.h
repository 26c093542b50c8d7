// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analyse/sample.h"
#include "diag/diagnostic.h"
#include "net/address.h"
#include "prove/hook.h"
#include "prove/region.h"
#include "saved/ruleset.h"
#include "saved/sets.h"
#include "sema/policy.h"

namespace vuurmuur::prove {

/// "INPUT", "PREROUTING of table nat": table filter goes without saying.
[[nodiscard]] std::string name_of(Hook hook);

/// Packets that two tables treat otherwise, whoever wrote them: of a pair of rules.
struct SavedDifference {
  Hook hook{};
  analyse::Sample packet;
  Situation when;  ///< of the packet; its marks are told by these
  std::uint32_t connection_mark = 0, packet_mark = 0;
  std::string before, after;  ///< what becomes of it, and if what: "'limit --limit 3/min': accepted"
  const saved::Rule *before_rule = nullptr, *after_rule = nullptr;  ///< null: the policy of the chain
};

struct SavedDiff {
  static constexpr std::size_t kMost = 200;

  std::vector<SavedDifference> rows;      ///< by hook; kMost of a hook at most, one for each pair of rules
  std::vector<std::string> not_modelled;  ///< what nothing was said of, as sentences
  std::size_t unfinished = 0;             ///< questions for which the budget ran out

  /// Every packet is treated the same.
  [[nodiscard]] bool is_equal() const { return rows.empty() && not_modelled.empty() && unfinished == 0; }
};

/// One of the rulesets that are held against each other.
struct SavedSide {
  const saved::Ruleset* ruleset = nullptr;
  /// What is known of its sets. Null: sets of one name have the same elements in both.
  const saved::Sets* sets = nullptr;
};

/// Which packets two rulesets treat otherwise, in all tables and states, with all TCP flags and marks. What
/// packets do not tell (limits, the time, what this program does not know) is taken for a condition by its words: the
/// same words mean the same in both. A table that is not there lets everything pass. Marks are compared by what is made
/// of them, whatever they were. `policy`: whose interfaces examples name, if one's.
[[nodiscard]] SavedDiff diff(const SavedSide& before, const SavedSide& after, net::Family family, diag::Sink& sink,
                             const sema::Policy& policy);
[[nodiscard]] SavedDiff diff(const saved::Ruleset& before, const saved::Ruleset& after, net::Family family,
                             diag::Sink& sink);

}  // namespace vuurmuur::prove
