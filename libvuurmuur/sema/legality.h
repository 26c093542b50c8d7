// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "model/rule.h"

namespace vuurmuur::sema {

/// Checks a rule by itself, without what its names stand for: which options its action can have and must have, and
/// which ends. Errors and warnings go into the sink; gives whether the rule can be used.
bool check_legality(const model::Rule& rule, diag::Sink& sink);

}  // namespace vuurmuur::sema
