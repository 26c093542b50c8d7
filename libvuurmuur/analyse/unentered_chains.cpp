// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/unentered_chains.h"

#include <algorithm>

namespace vuurmuur::analyse {

std::vector<UnenteredChain> unentered_chains(const sema::Policy& policy, const std::vector<Reach>& reaches) {
  std::vector<UnenteredChain> chains;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const model::Rule& written = *policy.rules[i].source;
    if (*written.action != model::Action::Chain || !written.options.chain) continue;
    const auto known = std::ranges::find(chains, written.options.chain->value, &UnenteredChain::name);
    if (known == chains.end())
      chains.push_back({.name = written.options.chain->value, .rules = {i}});
    else
      known->rules.push_back(i);
  }
  // One that may get a packet is enough.
  std::erase_if(chains, [&](const UnenteredChain& chain) {
    return std::ranges::any_of(chain.rules, [&](std::size_t rule) {
      // Nor is one told of that is switched off.
      const Reach::Kind kind = reaches[rule].kind;
      return policy.rules[rule].never || (kind != Reach::Kind::Never && kind != Reach::Kind::Nothing);
    });
  });
  return chains;
}

}  // namespace vuurmuur::analyse
