// SPDX-License-Identifier: GPL-2.0-or-later
// Blocked addresses, as source and as destination. The list is asked for packets that no earlier rule took, so its
// length costs established packets nothing; connections that a blocked address has at the moment are ended by apply.
// Addresses that are blocked for a time are asked for at the same place: in sets, which are there before anybody is
// blocked, so that blocking changes no rule.
#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

void append_timed(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin("blocked for a time");
  std::optional<ir::ChainId> chain;
  for (const ir::SetUse use : {ir::SetUse::TimedHosts, ir::SetUse::TimedNetworks}) {
    ir::Set set = ir::timed_set(context.family, use);
    if (context.options.can_hold && !context.options.can_hold(set)) continue;
    if (!chain) chain = filter.chain_named("VRMR-BLOCKED");
    for (const ir::SetKey key : {ir::SetKey::Source, ir::SetKey::Destination}) {
      const ir::Target drop =
          drop_target(context, filter, "VRMR-BLOCK", context.settings().log_blocklist, {"vrmr: DROP BLOCKED "}, origin);
      filter.append(*chain,
                    ir::Rule{.matches = {ir::SetMatch{.set = set.name, .key = key}}, .target = drop, .origin = origin});
    }
    context.ruleset.sets.push_back(std::move(set));
  }
  if (!chain) return;
  for (const ir::Hook hook : kFilterHooks)
    filter.append(hook_chain(context, filter, hook), ir::Rule{.target = ir::JumpTarget{*chain}, .origin = origin});
}

}  // namespace

void pass_blocklist(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  std::optional<ir::ChainId> list;
  const auto origin = context.ruleset.add_origin("blocklist");
  for (const net::Prefix& prefix : context.policy.blocked) {
    if (prefix.family() != context.family) continue;
    if (!list) list = filter.chain_named("VRMR-BLOCKLIST");
    const ir::Target drop =
        drop_target(context, filter, "VRMR-BLOCK", context.settings().log_blocklist, {"vrmr: DROP BLOCKED "}, origin);
    filter.append(*list, ir::Rule{.source = prefix, .target = drop, .origin = origin});
    filter.append(*list, ir::Rule{.destination = prefix, .target = drop, .origin = origin});
  }
  if (list)
    for (const ir::Hook hook : kFilterHooks)
      filter.append(hook_chain(context, filter, hook), ir::Rule{.target = ir::JumpTarget{*list}, .origin = origin});
  if (context.options.timed_blocks) append_timed(context);
}

}  // namespace vuurmuur::compile
