// SPDX-License-Identifier: GPL-2.0-or-later
// ICMPv6 without which an IPv6 link does not work: neighbour discovery and multicast listener discovery, to and from
// the firewall (RFC 4890 section 4.4.1). conntrack does not track them, so no state ever lets them in. Errors are
// RELATED.
#include <array>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

/// RFC 2710, RFC 3810, RFC 4861: listener query, report, done; router and neighbour solicitation and advertisement;
/// version 2 report.
constexpr std::array<std::uint8_t, 8> kLinkTypes{130, 131, 132, 133, 134, 135, 136, 143};

}  // namespace

void pass_neighbour_discovery(Context& context) {
  if (context.family != net::Family::Ipv6) return;
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin("neighbour discovery");
  const ir::ChainId chain = filter.chain_named("VRMR-ND");
  for (const std::uint8_t type : kLinkTypes)
    filter.append(chain, ir::Rule{.protocol = net::Protocol::Icmpv6,
                                  .matches = {ir::IcmpMatch{type, {}}},
                                  .target = ir::AcceptTarget{},
                                  .origin = origin});
  for (const ir::Hook hook : {ir::Hook::Input, ir::Hook::Output})
    filter.append(hook_chain(context, filter, hook),
                  ir::Rule{.protocol = net::Protocol::Icmpv6, .target = ir::JumpTarget{chain}, .origin = origin});
}

}  // namespace vuurmuur::compile
