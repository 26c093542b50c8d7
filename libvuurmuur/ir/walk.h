// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <bit>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::ir {

/// Hooks as bits.
using HookSet = std::uint8_t;

[[nodiscard]] constexpr HookSet hook_set(std::initializer_list<Hook> hooks) {
  unsigned set = 0;
  for (const Hook hook : hooks) set |= 1u << static_cast<unsigned>(hook);
  return static_cast<HookSet>(set);
}

/// The first hook of a set that is not empty.
[[nodiscard]] constexpr Hook first_hook(HookSet set) { return static_cast<Hook>(std::countr_zero(set)); }

/// Whether a table has a chain of that id.
[[nodiscard]] inline bool exists(const Table& table, ChainId id) {
  return static_cast<std::size_t>(id) < table.chains().size();
}

/// The chain that a rule jumps or goes to; nothing for other targets.
[[nodiscard]] std::optional<ChainId> next_chain(const Rule& rule);

/// A chain from which jumps lead back to it, if there is one. Jumps to chains that do not exist are passed over. Takes
/// time in proportion to the rules.
[[nodiscard]] std::optional<ChainId> find_loop(const Table& table);

/// All chains by their place in the table, each after those that its rules lead to. The table must have no loop.
[[nodiscard]] std::vector<std::size_t> called_first(const Table& table);

/// For each chain the hooks from which jumps lead to it. The table must have no loop. Takes time in proportion to the
/// rules.
[[nodiscard]] std::vector<HookSet> reached_from(const Table& table);

}  // namespace vuurmuur::ir
