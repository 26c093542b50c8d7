// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "model/policy.h"
#include "sema/policy.h"

namespace vuurmuur::sema {

/// Resolves every name and checks every rule, reporting all problems of the whole policy into the sink. When the sink
/// has no errors afterwards the result is complete; otherwise rules with errors are missing from it.
[[nodiscard]] Policy resolve(const model::Policy& policy, const diag::SourceMap& sources, diag::Sink& sink);

}  // namespace vuurmuur::sema
