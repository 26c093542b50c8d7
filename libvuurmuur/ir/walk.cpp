// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/walk.h"

#include <algorithm>

namespace vuurmuur::ir {
namespace {

enum class Visit : std::uint8_t { Never, Open, Done };

/// What a walk of all chains along the jumps gives.
struct Walk {
  std::optional<ChainId> loop;
  /// Chains that were left for good, so each after all those it leads to. Complete when there is no loop.
  std::vector<std::size_t> finished;
};

/// Depth first without recursion: a chain of jumps may be as long as the table.
Walk walk(const Table& table) {
  struct Place {
    std::size_t chain, rule;
  };
  const std::vector<Chain>& chains = table.chains();
  std::vector<Visit> visits(chains.size(), Visit::Never);
  std::vector<Place> path;
  Walk result;
  for (std::size_t start = 0; start < chains.size(); ++start) {
    if (visits[start] != Visit::Never) continue;
    visits[start] = Visit::Open;
    path.push_back({start, 0});
    while (!path.empty()) {
      Place& place = path.back();
      const std::vector<Rule>& rules = chains[place.chain].rules;
      if (place.rule == rules.size()) {
        visits[place.chain] = Visit::Done;
        result.finished.push_back(place.chain);
        path.pop_back();
        continue;
      }
      const auto next = next_chain(rules[place.rule++]);
      if (!next || !exists(table, *next)) continue;
      const auto index = static_cast<std::size_t>(*next);
      if (visits[index] == Visit::Open) {
        result.loop = *next;
        return result;
      }
      if (visits[index] == Visit::Done) continue;
      visits[index] = Visit::Open;
      path.push_back({index, 0});
    }
  }
  return result;
}

}  // namespace

std::optional<ChainId> next_chain(const Rule& rule) {
  if (const auto* jump = std::get_if<JumpTarget>(&rule.target)) return jump->chain;
  if (const auto* jump = std::get_if<GotoTarget>(&rule.target)) return jump->chain;
  return std::nullopt;
}

std::optional<ChainId> find_loop(const Table& table) { return walk(table).loop; }

std::vector<std::size_t> called_first(const Table& table) { return walk(table).finished; }

std::vector<HookSet> reached_from(const Table& table) {
  const std::vector<Chain>& chains = table.chains();
  std::vector<HookSet> hooks(chains.size(), 0);
  for (std::size_t i = 0; i < chains.size(); ++i)
    if (chains[i].hook) hooks[i] = hook_set({*chains[i].hook});
  // A chain comes before those it leads to.
  std::vector<std::size_t> order = walk(table).finished;
  std::reverse(order.begin(), order.end());
  for (const std::size_t from : order)
    for (const Rule& rule : chains[from].rules)
      if (const auto next = next_chain(rule); next && exists(table, *next)) {
        HookSet& reached = hooks[static_cast<std::size_t>(*next)];
        reached = static_cast<HookSet>(reached | hooks[from]);
      }
  return hooks;
}

}  // namespace vuurmuur::ir
