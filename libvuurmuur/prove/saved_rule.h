// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "analyse/policy_boxes.h"
#include "diag/diagnostic.h"
#include "ir/marks.h"
#include "net/address.h"
#include "prove/mark_value.h"
#include "prove/region.h"
#include "saved/ruleset.h"
#include "saved/sets.h"
#include "saved/target.h"

namespace vuurmuur::prove {

/// What has to be known to read rules of anybody.
struct SavedWorld {
  net::Family family{};
  const saved::Sets* sets = nullptr;             ///< null: of sets nothing is known but their names
  const analyse::PolicyBoxes* fields = nullptr;  ///< of all packets
  /// A whole connection mark: its two highest bits are told as kinds of a situation, the others as its number.
  ir::MarkLayout layout = whole_mark();

  [[nodiscard]] static ir::MarkLayout whole_mark() {
    return ir::MarkLayout::create(UINT32_MAX).value_or(ir::MarkLayout());
  }
};

/// What a rule asks of a mark, as it is where the rule stands.
struct MarkQuestion {
  bool is_of_connection = false;
  AskedBits bits;
  bool is_inverted = false;
};

/// A condition of which nothing is known but its words: "'limit --limit 3/min'", "not 'limit --limit 3/min'".
[[nodiscard]] std::string condition_text(std::string_view words, bool is_inverted = false);

/// A rule of anybody as it is looked at. What is not known of its conditions only the moment tells, by its words.
struct SavedRule {
  const saved::Rule* rule = nullptr;
  std::vector<Region> regions{};          ///< what it takes, side by side or not
  std::vector<MarkQuestion> marks{};      ///< all of these are asked
  std::vector<std::string> conditions{};  ///< what only the moment tells
  saved::Target target{};
  std::string not_modelled{};  ///< why nothing is known of it; empty: all is
};

/// The number in the comment "rule 3: accept http from lan to inet" of a rule of ours; 0: it has none.
[[nodiscard]] unsigned policy_rule_of(const saved::Rule& rule);

/// Reads one; what it says wrong is an error. The rule has to outlive what is given back.
[[nodiscard]] SavedRule read_saved_rule(const saved::Rule& rule, const saved::Table& table, const SavedWorld& world,
                                        diag::Sink& sink);

}  // namespace vuurmuur::prove
