// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>

#include "analyse/never_matching.h"
#include "analyse/time_limit.h"
#include "diag/diagnostic.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Tells of rules that can match and make no difference ("redundant-rule", a warning), and of those of which that was
/// not found out within its budget ("not-finished"); what the time left open is not told. `reaches` is what
/// reach_of_rules() says.
void tell_redundant(const sema::Policy& policy, std::span<const Reach> reaches, const TimeLimit& limit,
                    diag::Sink& sink);

}  // namespace vuurmuur::analyse
