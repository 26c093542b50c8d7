// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string_view>

#include "analyse/policy_boxes.h"
#include "diag/diagnostic.h"
#include "ir/marks.h"
#include "net/address.h"
#include "prove/behaviour.h"
#include "prove/hook.h"
#include "prove/program.h"
#include "saved/ruleset.h"
#include "saved/sets.h"

namespace vuurmuur::prove {

/// A table of emitted text as programs. Chains are put where they are called; what comes behind a call that never comes
/// back by itself (goto, RETURN) is written once more for the packets of that call, so that a program goes forward
/// only. What marks a packet has to do so for all that get there, as our own chains do.
class EmittedTable {
 public:
  /// Entries of one hook; with more it is not modelled.
  static constexpr std::size_t kMostEntries = 2'000'000;

  struct World {
    net::Family family{};
    ir::MarkLayout layout;
    const saved::Sets* sets = nullptr;
    /// The numbers of addresses that devices get from others.
    const analyse::PolicyBoxes* fields = nullptr;
    /// Rules of any program. What is not known of conditions is taken for one that only the moment tells, by its words,
    /// and all logs count. Otherwise they are ours, and of what is not known nothing is said.
    bool is_foreign = false;
  };

  /// All must outlive it. What is written wrong is an error.
  EmittedTable(const saved::Table& table, const World& world, diag::Sink& sink);
  ~EmittedTable();
  EmittedTable(const EmittedTable&) = delete;
  EmittedTable& operator=(const EmittedTable&) = delete;

  /// What a built-in chain does with packets of a region.
  [[nodiscard]] Program program(std::string_view chain, const Region& region, Behaviours& behaviours) const;

 private:
  struct Ready;
  class Flattening;
  const saved::Table& table_;
  World world_;
  std::vector<std::vector<Ready>> chains_;
  bool asks_packet_mark_ = false;  ///< some rule does
};

/// All packets of a family, as both programs say it.
[[nodiscard]] Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout);
/// Of these those that a chain of table filter gets: what comes in for this machine leaves by no device, and what it
/// sends comes in by none.
[[nodiscard]] Region everything(const analyse::PolicyBoxes& fields, const ir::MarkLayout& layout, Hook hook);

}  // namespace vuurmuur::prove
