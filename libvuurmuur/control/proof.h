// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>

#include "control/checked_policy.h"
#include "ir/ruleset.h"
#include "ir/target.h"
#include "prove/prove.h"
#include "sema/policy.h"

namespace vuurmuur::control {

/// Whether a ruleset is what a policy says, by the text of it as iptables-save and ipset write it. The comments that
/// say whose a rule is are in that text also when what is loaded has none. `live_queues`: those that it was compiled
/// with.
[[nodiscard]] prove::Proof prove_ruleset(const sema::Policy& policy, const ir::Ruleset& ruleset,
                                         std::span<const ir::NfqueueTarget> live_queues = {},
                                         std::size_t steps = prove::kProofSteps);

/// What a proof of a ruleset has to look at: its rules and the elements of the sets that they ask.
[[nodiscard]] std::size_t proof_size(const ir::Ruleset& ruleset);

/// The size up to which a proof is part of every apply: it takes about a tenth of a second.
inline constexpr std::size_t kMostProvenSize = 10'000;

/// Proves what a policy was compiled to, unless that is larger than kMostProvenSize. What it does otherwise with some
/// packet is an error ("not-as-meant").
[[nodiscard]] diag::Sink check_compiled(const CheckedPolicy& checked, const ir::Ruleset& ruleset,
                                        std::span<const ir::NfqueueTarget> live_queues);

}  // namespace vuurmuur::control
