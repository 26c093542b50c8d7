// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "diag/diagnostic.h"
#include "sema/policy.h"

// Rules of a policy in findings about it.
namespace vuurmuur::analyse {

/// "rule 3", "rules 3 and 5", "rules 1, 2, 3 and 40 more". `rules` are places in Policy::rules.
[[nodiscard]] std::string numbers_of(const sema::Policy& policy, std::span<const std::size_t> rules);

/// Shows the first few of them below a finding.
void add_notes(const sema::Policy& policy, std::span<const std::size_t> rules, diag::Diagnostic& finding);

}  // namespace vuurmuur::analyse
