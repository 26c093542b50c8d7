// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "net/address.h"
#include "saved/ruleset.h"

namespace vuurmuur::analyse {

/// Tells of rules of iptables that can never match because those before them in their chain take all that they would
/// ("never-matches"), of those that could go without a difference for the same reason ("redundant-rule"), of chains
/// that no rule leads to
/// ("unreachable-chain"), of targets that are not known ("unknown-target"), and of questions that were not answered
/// within their budget ("not-finished"). All are warnings; what a rule has wrong is an error.
///
/// A rule that asks for what has no field (marks, TCP flags, sets, limits) takes nothing from others here, but can be
/// left nothing. What a chain is called with is not looked at: a rule may be left nothing by those who call its chain,
/// and that is not told.
void check_deep(const saved::Ruleset& ruleset, net::Family family, diag::Sink& sink);

}  // namespace vuurmuur::analyse
