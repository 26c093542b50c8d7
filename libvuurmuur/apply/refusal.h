// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/kernel.h"
#include "backend/iptables_save.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// The kernel answers a table as a whole with one errno. Finds the rule behind a refused table: the first that needs a
/// match or target which the kernel has not got, else the one that makes an empty table in a scratch namespace fail.
/// Gives the error to show: "load table filter (IPv4): the kernel refused rule 12: … (rules/rules.conf:12): invalid
/// argument: -A CHAIN …", or why no rule can be named. What netfilter says about it in the kernel's log since the
/// commit is quoted behind it.
[[nodiscard]] base::Error explain_refusal(Kernel& kernel, const ir::Ruleset& ruleset, const ir::Table& table,
                                          net::Family family, const backend::TextOptions& options,
                                          const base::Error& refused);

}  // namespace vuurmuur::apply
