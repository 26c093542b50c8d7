// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/proof.h"

#include <array>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"

namespace vuurmuur::control {

prove::Proof prove_ruleset(const sema::Policy& policy, const ir::Ruleset& ruleset, std::size_t steps) {
  prove::Emitted emitted;
  for (const net::Family family : net::kFamilies) {
    const std::array families{family};
    const auto place = static_cast<std::size_t>(family);
    emitted.rules[place] = backend::iptables_save(ruleset, family);
    emitted.sets[place] = backend::ipset_save(ruleset, families);
  }
  return prove::prove(policy, emitted, steps);
}

}  // namespace vuurmuur::control
