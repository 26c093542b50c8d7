// SPDX-License-Identifier: GPL-2.0-or-later
// Blocked addresses, as source and as destination. The list is asked for packets that no earlier rule took, so its
// length costs established packets nothing; connections that a blocked address has at the moment are ended by apply.
#include "compile/passes.h"

namespace vuurmuur::compile {

void pass_blocklist(Context& context) {
  context.ruleset.blocked = context.policy.blocked;
  for (const net::Family family : net::kFamilies) {
    ir::Table& filter = context.table(family, ir::TableName::Filter);
    std::optional<ir::ChainId> list;
    const auto origin = context.ruleset.add_origin("blocklist");
    for (const net::Prefix& prefix : context.policy.blocked) {
      if (prefix.family() != family) continue;
      if (!list) list = filter.chain_named("VRMR-BLOCKLIST");
      const ir::Target drop =
          drop_target(context, filter, "VRMR-BLOCK", context.settings().log_blocklist, {"vrmr: DROP BLOCKED "}, origin);
      filter.append(*list, ir::Rule{.source = prefix, .target = drop, .origin = origin});
      filter.append(*list, ir::Rule{.destination = prefix, .target = drop, .origin = origin});
    }
    if (!list) continue;
    for (const ir::Hook hook : kFilterHooks)
      filter.append(hook_chain(context, filter, hook), ir::Rule{.target = ir::JumpTarget{*list}, .origin = origin});
  }
}

}  // namespace vuurmuur::compile
