// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>

#include "prove/behaviour.h"
#include "sema/policy.h"

namespace vuurmuur::prove {

/// What a rule of the policy begins with: its number, and its limit (doc/semantics.md section 5).
[[nodiscard]] Done done_by(const sema::Rule& rule);
/// The same of its log record; nothing: it has none.
[[nodiscard]] std::optional<Done> logged_by(const sema::Rule& rule);

}  // namespace vuurmuur::prove
