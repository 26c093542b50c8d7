// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "prove/behaviour.h"
#include "prove/mark_space.h"
#include "prove/saved_rule.h"
#include "saved/ruleset.h"

namespace vuurmuur::prove {

/// What becomes of the packets of a region that no entry before it ends.
struct SavedEntry {
  Region region;
  std::uint32_t behaviour = 0;        ///< as Behaviours numbers them
  bool ends = true;                   ///< false: they go on, because it logs, or only may take them
  bool is_uncertain = false;          ///< what only the moment tells decides whether it takes them
  std::uint32_t part = 0;             ///< place in SavedProgram::parts
  const saved::Rule* rule = nullptr;  ///< null: the policy of the chain
};

/// A region that entries were narrowed to, and the part that it was made of; the first is its own.
struct SavedPart {
  Region region;
  std::uint32_t around = 0;
};

/// One chain of the kernel's own, whoever wrote its table. Every packet is ended by some entry.
struct SavedProgram {
  std::vector<SavedEntry> entries;
  std::vector<SavedPart> parts;
  std::vector<std::string> not_modelled;  ///< what is not in it, as sentences
};

/// A table of anybody as programs. Chains are put where they are called; what comes behind a call that never comes back
/// by itself (goto, RETURN), and behind a rule that marks some packets and lets them go on, is written once more for
/// these packets, so that a program goes forward only. Where only the moment tells whether a rule sends packets back,
/// what is left in its chain stands under the contrary condition.
class SavedTable {
 public:
  /// Entries of one chain; with more it is not modelled.
  static constexpr std::size_t kMostEntries = 2'000'000;

  /// All must outlive it. What is written wrong is an error.
  SavedTable(const saved::Table& table, const SavedWorld& world, diag::Sink& sink);
  SavedTable(const SavedTable&) = delete;
  SavedTable& operator=(const SavedTable&) = delete;

  /// What a built-in chain does with packets of a region. `marks`: how situations tell marks; what they do not tell is
  /// a condition.
  [[nodiscard]] SavedProgram program(std::string_view chain, const Region& region, Behaviours& behaviours,
                                     const MarkSpace& marks) const;

  /// Adds what its rules ask of marks.
  void tell_marks(AskedAnywhere& to) const;

 private:
  class Flattening;
  const saved::Table& table_;
  SavedWorld world_;
  std::vector<std::vector<SavedRule>> chains_;
  bool asks_state_ = false;  ///< some rule does, of connection tracking
};

}  // namespace vuurmuur::prove
