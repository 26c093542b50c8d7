// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "sema/policy.h"

namespace vuurmuur::analyse {

/// What a rule does with what it takes: "accepted", "rejected (tcp-reset)", "to queue 7", "accepted up to 5/sec".
[[nodiscard]] std::string verdict_of(const sema::Rule& rule);

/// Whether a rule accepts what it takes, or queues it.
[[nodiscard]] bool lets_through(const sema::Rule& rule);

/// "rule 12 (rules/rules.conf:23)".
[[nodiscard]] std::string name_of(const sema::Rule& rule);

/// The record that it writes of what it takes: "logged", "logged as 'spam bot?'"; empty: none.
[[nodiscard]] std::string record_of(const sema::Rule& rule);

}  // namespace vuurmuur::analyse
