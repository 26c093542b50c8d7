// SPDX-License-Identifier: GPL-2.0-or-later
// Passes from ruleset to ruleset. merge-duplicates: a rule that is equal to an earlier one of the same origin in its
// chain can never be reached with another result, and leaves (objects that overlap give such rules). prune-chains: own
// chains that no jump leads to leave.
#include <set>

#include "compile/passes.h"
#include "ir/walk.h"

namespace vuurmuur::compile {
namespace {

/// Jumps come back, so an equal second rule would do its work twice; every target of ours may be merged all the same:
/// a second log record, mark or jump for the same packet by the same origin is never wanted.
void merge_chain(ir::Chain& chain) {
  std::vector<ir::Rule>& rules = chain.rules;
  const auto less = [](const ir::Rule* a, const ir::Rule* b) { return *a < *b; };
  std::vector<std::size_t> again;  // the places of those that leave
  for (std::size_t begin = 0; begin < rules.size();) {
    std::size_t end = begin + 1;
    while (end < rules.size() && rules[end].origin == rules[begin].origin) ++end;
    if (end - begin == 2) {
      if (rules[begin] == rules[begin + 1]) again.push_back(begin + 1);
    } else if (end - begin > 2) {
      std::set<const ir::Rule*, decltype(less)> seen(less);
      for (std::size_t i = begin; i < end; ++i)
        if (!seen.insert(&rules[i]).second) again.push_back(i);
    }
    begin = end;
  }
  if (again.empty()) return;
  std::size_t kept = again.front();
  for (std::size_t i = kept, next = 0; i < rules.size(); ++i) {
    if (next < again.size() && again[next] == i)
      ++next;
    else
      rules[kept++] = std::move(rules[i]);
  }
  rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(kept), rules.end());
}

void prune_table(ir::Table& table) {
  const auto& chains = table.chains();
  std::vector<bool> reached(chains.size(), false);
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    if (chains[i].kind == ir::ChainKind::Own) continue;
    reached[i] = true;
    open.push_back(i);
  }
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const ir::Rule& rule : chains[at].rules) {
      const auto next = ir::next_chain(rule);
      if (!next || reached[static_cast<std::size_t>(*next)]) continue;
      reached[static_cast<std::size_t>(*next)] = true;
      open.push_back(static_cast<std::size_t>(*next));
    }
  }
  table.retain_chains(reached);
}

}  // namespace

void pass_merge_duplicates(Context& context) {
  for (ir::Table& table : context.rules().tables)
    for (std::size_t i = 0; i < table.chains().size(); ++i) merge_chain(table.chain(static_cast<ir::ChainId>(i)));
}

void pass_prune_chains(Context& context) {
  for (ir::Table& table : context.rules().tables) prune_table(table);
}

}  // namespace vuurmuur::compile
