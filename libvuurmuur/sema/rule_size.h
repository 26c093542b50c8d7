// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "diag/diagnostic.h"
#include "sema/policy.h"

namespace vuurmuur::sema {

/// How many rules of one kind a table of the kernel can have: it takes 512 MiB at most (XT_MAX_TABLE_SIZE of
/// net/netfilter/x_tables.c), and a rule without any match is the smallest (struct ipt_entry or ip6t_entry and a struct
/// xt_standard_target: 152 or 208 bytes).
[[nodiscard]] std::uint64_t most_rules(net::Family family);

/// The ways in which a rule can be met in a family: each source with each destination and each port or protocol of the
/// service. As many rules it is before the compiler makes sets of them. Saturates at the largest number.
[[nodiscard]] std::uint64_t ways_to_meet(const Policy& policy, const Rule& rule, net::Family family);

/// Reports the rule that makes the policy larger than any kernel takes, and larger than the compiler can hold: two
/// groups of 10,000 hosts make one line of text 100,000,000 rules.
void check_rule_sizes(const Policy& policy, diag::Sink& sink);

}  // namespace vuurmuur::sema
