// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_helpers.h"

#include <algorithm>

#include "ir/walk.h"

namespace vuurmuur::backend::nft {
namespace {

bool sets_helper(const ir::Rule& rule) { return std::holds_alternative<ir::CtHelperTarget>(rule.target); }

bool measures_rate(const ir::Rule& rule) {
  return std::ranges::any_of(rule.matches, [](const ir::Match& match) {
    return std::holds_alternative<ir::LimitMatch>(match) || std::holds_alternative<ir::HashlimitMatch>(match);
  });
}

/// The chains from which a rule can be reached that `wanted` says.
template <class Wanted>
std::vector<bool> leading_to(const ir::Table& table, Wanted wanted) {
  std::vector<bool> leads(table.chains().size(), false);
  for (const std::size_t at : ir::called_first(table))
    leads[at] = std::ranges::any_of(table.chains()[at].rules, [&](const ir::Rule& rule) {
      const auto next = ir::next_chain(rule);
      return wanted(rule) || (next && leads[static_cast<std::size_t>(*next)]);
    });
  return leads;
}

void prune(ir::Table& table) {
  const std::vector<ir::HookSet> reached = ir::reached_from(table);
  std::vector<bool> keep(reached.size());
  for (std::size_t i = 0; i < reached.size(); ++i)
    keep[i] = table.chains()[i].kind != ir::ChainKind::Own || reached[i] != 0;
  table.retain_chains(keep);
}

/// Leaves out rules that set helpers and jumps to chains that have nothing else.
void remove_helpers(ir::Table& table) {
  const auto stays =
      leading_to(table, [](const ir::Rule& rule) { return !sets_helper(rule) && !ir::next_chain(rule); });
  for (std::size_t i = 0; i < table.chains().size(); ++i)
    std::erase_if(table.chain(static_cast<ir::ChainId>(i)).rules, [&](const ir::Rule& rule) {
      if (sets_helper(rule)) return true;
      const auto* jump = std::get_if<ir::JumpTarget>(&rule.target);
      return jump != nullptr && !stays[static_cast<std::size_t>(jump->chain)] &&
             table.chain(jump->chain).kind == ir::ChainKind::Own;
    });
  prune(table);
}

/// Leaves in what sets helpers and what leads there or past it.
void keep_helpers(ir::Table& table) {
  const auto accepts = [](const ir::Rule& rule) { return std::holds_alternative<ir::AcceptTarget>(rule.target); };
  const auto sets = leading_to(table, sets_helper);
  const auto matters = leading_to(table, [&](const ir::Rule& rule) { return sets_helper(rule) || accepts(rule); });
  const auto stays_in_rest =
      leading_to(table, [](const ir::Rule& rule) { return !sets_helper(rule) && !ir::next_chain(rule); });
  for (std::size_t i = 0; i < table.chains().size(); ++i) {
    ir::Chain& chain = table.chain(static_cast<ir::ChainId>(i));
    std::erase_if(chain.rules, [&](const ir::Rule& rule) {
      if (sets_helper(rule)) return false;
      if (measures_rate(rule)) return true;
      if (const auto* jump = std::get_if<ir::JumpTarget>(&rule.target))
        return !matters[static_cast<std::size_t>(jump->chain)];
      return !accepts(rule) && !std::holds_alternative<ir::GotoTarget>(rule.target);
    });
    if (chain.kind == ir::ChainKind::Builtin) {
      chain.policy_drop = false;
      // A hook from which no helper is set is not taken.
      if (!sets[i]) chain.rules.clear();
    }
    // What the other part has as well counts and is commented there.
    for (ir::Rule& rule : chain.rules) {
      const auto next = ir::next_chain(rule);
      if (!sets_helper(rule) && (!next || stays_in_rest[static_cast<std::size_t>(*next)])) rule.commented = false;
    }
  }
  prune(table);
}

}  // namespace

HelperSplit split_helpers(const ir::Table& raw) {
  HelperSplit split{.rest = raw, .helpers = ir::Table(ir::TableName::Raw)};
  const bool has_helpers = std::ranges::any_of(
      raw.chains(), [](const ir::Chain& chain) { return std::ranges::any_of(chain.rules, sets_helper); });
  if (!has_helpers) return split;
  split.helpers = raw;
  remove_helpers(split.rest);
  keep_helpers(split.helpers);
  return split;
}

}  // namespace vuurmuur::backend::nft
