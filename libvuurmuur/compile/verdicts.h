// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "compile/context.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// The origin of a rule of the policy that is compiled: "rule 12: accept http from lan to inet".
[[nodiscard]] ir::OriginId origin_of(const Context& context, const sema::Rule& rule);

/// What a matching packet meets: `verdict` itself, or a chain VRMR-Rn of the table that limits, logs and then gives it.
/// `is_final` tells whether the verdict ends the matter (a chain of the user's may come back).
[[nodiscard]] ir::Target with_log_and_limit(Context& context, ir::Table& table, const sema::Rule& rule,
                                            ir::OriginId origin, ir::Target verdict, bool is_final);

/// The prefix of a rule's log records: "vrmr: ACCEPT prefix ".
[[nodiscard]] std::string log_prefix(const model::Rule& rule);

}  // namespace vuurmuur::compile
