// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// Whether the policy's marks can be told apart: the mask of our field is contiguous and overlaps no bits that the user
/// says are others', every queue number and log group fits into it, and no two packet marks share a number. To be
/// called before compile(), which relies on it.
void check_marks(const sema::Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::compile
