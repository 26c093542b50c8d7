// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "compile/context.h"

// One function a pass, in the order in which they run; what each does stands at its definition in passes/.
namespace vuurmuur::compile {

void pass_raw_admission(Context& context);
void pass_helpers(Context& context);
void pass_clamp_mss(Context& context);
void pass_established(Context& context);
void pass_loopback(Context& context);
void pass_protections(Context& context);
void pass_neighbour_discovery(Context& context);
void pass_blocklist(Context& context);
void pass_baits(Context& context);
void pass_spoofed_destinations(Context& context);
void pass_dhcp(Context& context);
void pass_new_connections(Context& context);
void pass_connection_limits(Context& context);
void pass_filter_rules(Context& context);
void pass_nat_rules(Context& context);
void pass_policy_log(Context& context);
void pass_mark_dispatch(Context& context);
void pass_log_identity(Context& context);
void pass_sysctls(Context& context);
void pass_merge_duplicates(Context& context);
void pass_address_sets(Context& context);
void pass_interface_dispatch(Context& context);
void pass_address_trees(Context& context);
void pass_inline_chains(Context& context);
void pass_prune_chains(Context& context);

}  // namespace vuurmuur::compile
