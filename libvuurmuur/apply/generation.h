// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/kernel_table.h"
#include "backend/iptables_save.h"
#include "ir/marks.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

// Two generations of rules side by side in one table, for the time in which other tables change
// (doc/decisions/0013-a-reload-nobody-notices.md). The old one stays where it is; the new one stands beside it in
// chains VRMR-NEXT-*, which the commit that puts it in its place removes again.

/// How a packet meets the two.
enum class Together : std::uint8_t {
  Both,   ///< the new one, then the old one: what either drops is dropped (table raw)
  ByTag,  ///< the new one alone for connections that tagged() has marked or that have a kind, the old one for others
};

/// Adds the new generation in memory.
[[nodiscard]] base::Result<void> add_generation(KernelTable& table, const ir::Ruleset& ruleset, const ir::Table& wanted,
                                                net::Family family, const backend::TextOptions& options,
                                                Together together);

/// Whether add_generation() can do it by tag: no chain that a built-in one leads to has another way into it.
[[nodiscard]] bool can_add_generation(KernelTable& filter);

/// A table nat that marks each connection that it translates, or does not: plain, with the number 1, which no decided
/// connection has. It says that the new generation's rules have seen the connection's first packet.
[[nodiscard]] ir::Table tagged(const ir::Table& nat, const ir::MarkLayout& marks);

/// Whether a table was left between two generations by a process that was killed.
[[nodiscard]] bool is_between_generations(KernelTable& table);

}  // namespace vuurmuur::apply
