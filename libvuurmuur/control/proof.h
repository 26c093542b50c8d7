// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>

#include "ir/ruleset.h"
#include "prove/prove.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// Whether a ruleset is what a policy says, by the text of it as iptables-save and ipset write it. The comments that
/// say whose a rule is are in that text also when what is loaded has none.
[[nodiscard]] prove::Proof prove_ruleset(const sema::Policy& policy, const ir::Ruleset& ruleset,
                                         std::size_t steps = prove::kProofSteps);

}  // namespace vuurmuur::control
