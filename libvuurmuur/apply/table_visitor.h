// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "apply/kernel_table.h"

namespace vuurmuur::apply {

/// Told what a table holds, one thing after the other in the order in which it stands there. Views and entries are
/// good until the walk ends.
class TableVisitor {
 public:
  virtual ~TableVisitor() = default;
  /// A chain, whose rules come next; its number is another one than that of any other chain of the walk.
  virtual void chain(std::string_view name, std::uint32_t number) = 0;
  /// A struct ipt_entry or ip6t_entry. The target is the name of a module; empty for jumps, and for verdicts unless
  /// the table names them. A rule that jumps or goes to a chain, which may be still to come, has its number.
  virtual void rule(const void* entry, std::string_view target, std::optional<std::uint32_t> leads_to) = 0;
};

/// Walks over a table as the kernel gave it, in one go and without taking it apart. A chain's end (the policy of a
/// built-in one, the RETURN of another) is told like a rule. Fails where sizes are wrong.
[[nodiscard]] base::Result<void> walk(const TableSnapshot& snapshot, TableVisitor& visitor);

/// The same for a table that somebody opened.
void walk(KernelTable& table, TableVisitor& visitor);

}  // namespace vuurmuur::apply
