// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses that are led to a bait for a time. Each bait has a set of them, which is there before anybody is in it, so
// that leading somebody there changes no rule; a policy without baits has none of these rules. What they begin, to this
// machine or through it, is translated to the bait before the user's own translations are asked, and admitted there;
// what others begin to them is dropped, so that nothing of a connection that was cut comes back from its other end.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

/// Who a set has, to the bait: at one port what has ports, and all else at its address.
void translate(Context& context, const sema::Bait& bait, const ir::SetMatch& who, ir::OriginId origin) {
  ir::Table& nat = context.table(ir::TableName::Nat);
  const ir::ChainId chain = hook_chain(context, nat, ir::Hook::Prerouting);
  const net::Address& address = *bait.address(context.family);
  if (bait.port)
    for (const net::Protocol protocol : {net::Protocol::Tcp, net::Protocol::Udp})
      nat.append(chain, ir::Rule{.protocol = protocol,
                                 .matches = {who},
                                 .target = ir::DnatTarget{address, net::PortRange::one(*bait.port), false},
                                 .origin = origin});
  nat.append(chain,
             ir::Rule{.matches = {who}, .target = ir::DnatTarget{address, std::nullopt, false}, .origin = origin});
}

void admit(Context& context, const sema::Bait& bait, const std::string& set, ir::OriginId origin) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  const ir::ConntrackMatch begins{ir::kCtNew};
  filter.append(hook_chain(context, filter, ir::Hook::Forward),
                ir::Rule{.destination = net::Prefix::host(*bait.address(context.family)),
                         .matches = {begins, ir::SetMatch{.set = set, .key = ir::SetKey::Source}},
                         .target = ir::AcceptTarget{},
                         .origin = origin});
  for (const ir::Hook hook : kFilterHooks) {
    const ir::Target drop =
        drop_target(context, filter, "VRMR-BLOCK", context.settings().log_blocklist, {"vrmr: DROP BLOCKED "}, origin);
    filter.append(hook_chain(context, filter, hook),
                  ir::Rule{.matches = {begins, ir::SetMatch{.set = set, .key = ir::SetKey::Destination}},
                           .target = drop,
                           .origin = origin});
  }
}

}  // namespace

void pass_baits(Context& context) {
  if (!context.options.timed_blocks) return;
  for (const sema::Bait& bait : context.policy.baits) {
    if (!bait.address(context.family)) continue;
    ir::Set set = ir::bait_set(context.family, bait.name);
    if (context.options.can_hold && !context.options.can_hold(set)) continue;
    const auto origin = context.ruleset.add_origin(fmt::format("bait {}", bait.name));
    translate(context, bait, ir::SetMatch{.set = set.name, .key = ir::SetKey::Source}, origin);
    admit(context, bait, set.name, origin);
    context.ruleset.sets.push_back(std::move(set));
  }
}

}  // namespace vuurmuur::compile
