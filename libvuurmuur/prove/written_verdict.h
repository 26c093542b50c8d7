// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "prove/behaviour.h"
#include "saved/target.h"

namespace vuurmuur::prove {

/// An option of a rule's target, as a pointer into the rule; null when it has none of that name.
[[nodiscard]] const saved::Option* target_option(const saved::Rule& rule, std::string_view name);
/// The first value of an option of a rule's target; empty when it has none of that name or no value.
[[nodiscard]] std::string target_value(const saved::Rule& rule, std::string_view name);

/// What a rule with the target REJECT does: without --reject-with as the man page has it (iptables-extensions(8)).
[[nodiscard]] Verdict rejected_by(const saved::Rule& rule);
/// What one with the target NFQUEUE does, with its bypass and fanout.
[[nodiscard]] Verdict queued_by(const saved::Rule& rule, const saved::QueueTarget& queue);
/// What one of table nat makes of an end, as far as a Translation holds it.
[[nodiscard]] Translation translation_by(const saved::Rule& rule, const saved::NatTarget& nat);
/// Whether an option of such a target says more than that: one of another name, or ports that are shifted.
[[nodiscard]] bool says_more(const saved::Option& option);

}  // namespace vuurmuur::prove
