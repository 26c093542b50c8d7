// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Tells of rules that can never match because those before them take all that they would take ("never-matches"), of those
/// that could go without a difference for the same reason ("redundant-rule"), and of those whose question was not answered
/// within its budget ("not-finished"). All are warnings.
void check_deep(const sema::Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::analyse
