// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "prove/emitted_rules.h"
#include "prove/program.h"
#include "saved/ruleset.h"
#include "saved/target.h"

namespace vuurmuur::prove {

/// A table of emitted text as programs. Chains are put where they are called; what comes behind a call that never comes
/// back by itself (goto, RETURN) is written once more for the packets of that call, so that a program goes forward
/// only; and so is what comes behind a rule that marks some packets, for these.
class EmittedTable {
 public:
  /// Entries of one hook; with more it is not modelled.
  static constexpr std::size_t kMostEntries = 2'000'000;

  /// `rules` has all of the table's, of which only targets are read here. Both must outlive it. What is written wrong
  /// is an error.
  EmittedTable(const saved::Table& table, const EmittedRules& rules, diag::Sink& sink);
  EmittedTable(const EmittedTable&) = delete;
  EmittedTable& operator=(const EmittedTable&) = delete;

  /// What a built-in chain does with packets of a region.
  [[nodiscard]] Program program(std::string_view chain, const Region& region, Terms& terms) const;

 private:
  class Flattening;
  struct Placed {
    const saved::Rule* rule = nullptr;
    const EmittedRules::Kept* asks = nullptr;
    saved::Target target{};
  };
  const saved::Table& table_;
  const EmittedRules& rules_;
  std::vector<std::vector<Placed>> chains_;
  bool asks_packet_mark_ = false;  ///< some rule does
};

}  // namespace vuurmuur::prove
