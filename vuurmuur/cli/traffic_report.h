// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analyse/diff.h"
#include "cli/compared_policies.h"
#include "diag/render.h"

namespace vuurmuur::cli {

/// What two policies treat otherwise, for people: what changes, the rules before and after, which packets, and one for
/// example.
[[nodiscard]] std::string text_of(const ComparedPolicies& policies, const analyse::PolicyDiff& diff, diag::Style style);

/// {"before", "after", "equal", "rows": [{"change", "before", "after", "outline", "traffic": [...], "example": {...}}],
/// "not_compared": [...], "otherwise_set": [...], "unfinished"}. A rule is {"number", "place", "text"}; null is the
/// policy of the chain.
[[nodiscard]] nlohmann::ordered_json json_of(const ComparedPolicies& policies, const analyse::PolicyDiff& diff);

}  // namespace vuurmuur::cli
