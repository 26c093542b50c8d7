// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_walk.h"

namespace vuurmuur::backend::nft {
namespace {

template <class Action>
void each_next(const Chain& chain, Action action) {
  for (const Rule& rule : chain.rules) {
    // A verdict is the last statement.
    if (rule.statements.empty()) continue;
    if (const auto* verdict = std::get_if<Verdict>(&rule.statements.back()); verdict != nullptr && leads_on(*verdict))
      action(verdict->chain);
  }
}

}  // namespace

std::vector<Index> callers_first(const Program& program) {
  std::vector<std::uint32_t> open(program.chains.size(), 0);
  for (const Chain& chain : program.chains) each_next(chain, [&](Index next) { ++open[next]; });
  std::vector<Index> order;
  for (std::size_t i = 0; i < open.size(); ++i)
    if (open[i] == 0) order.push_back(static_cast<Index>(i));
  for (std::size_t at = 0; at < order.size(); ++at)
    each_next(program.chains[order[at]], [&](Index next) {
      if (--open[next] == 0) order.push_back(next);
    });
  return order;
}

}  // namespace vuurmuur::backend::nft
