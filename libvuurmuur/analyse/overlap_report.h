// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "analyse/deep_check.h"

namespace vuurmuur::analyse {

/// Tells of rules that overlap with another verdict, as much as the options want: one warning for each later rule, with
/// the packets that the rules before it decide.
void tell_overlaps(const model::Policy& model, const sema::Policy& policy, const DeepOptions& options,
                   diag::Sink& sink);

}  // namespace vuurmuur::analyse
