// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "apply/kernel_table.h"
#include "apply/table_encoder.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

struct EditOutcome {
  bool changed = false;               ///< whether a commit would change anything
  std::vector<std::string> warnings;  ///< for the report
};

/// Makes a table hold what the IR's table says, in memory, and leaves all that is of others: their chains with content,
/// their rules in built-in chains with counters and order. Our jumps in a built-in chain stay where they stand between
/// the rules of others, new ones go behind what is there. Own chains that are not wanted vanish, unless a rule of
/// somebody else jumps there: those are emptied and kept. Rules that do not change keep their counters. A leftover
/// guard (guard.h) goes. `encoder`: of the wanted table.
[[nodiscard]] base::Result<EditOutcome> edit_table(KernelTable& table, TableEncoder encoder, const ir::Table& wanted,
                                                   net::Family family);

/// Whether a table has a chain of ours.
[[nodiscard]] bool has_own_chain(KernelTable& table);

/// Whether a guard (guard.h) stands in one of a table's built-in chains.
[[nodiscard]] bool has_guard(KernelTable& table, net::Family family);

}  // namespace vuurmuur::apply
