// SPDX-License-Identifier: GPL-2.0-or-later
// Table raw, before conntrack: what cannot have come in by an interface is dropped there, established or not. DHCP goes
// first, because its packets come from addresses that anti-spoofing and the reverse path test refuse.
#include <fmt/format.h>

#include "compile/passes.h"
#include "sema/spoof.h"

namespace vuurmuur::compile {
namespace {

constexpr net::PortRange kBootpServer = net::PortRange::one(67), kBootpClient = net::PortRange::one(68);
constexpr net::PortRange kDhcpv6Server = net::PortRange::one(547), kDhcpv6Client = net::PortRange::one(546);

void admit_dhcp(Context& context, const sema::Network& network) {
  if (!network.dhcp_client && !network.dhcp_server) return;
  ir::Table& raw = context.table(ir::TableName::Raw);
  const bool ipv4 = context.family == net::Family::Ipv4;
  const auto origin = context.ruleset.add_origin(fmt::format("dhcp: {}", network.name));
  for (const sema::InterfaceId id : network.interfaces) {
    const auto admit = [&](net::PortRange source, net::PortRange destination) {
      ir::Rule rule{.in_interface = context.policy.interface(id).device,
                    .protocol = net::Protocol::Udp,
                    .target = ir::AcceptTarget{},
                    .origin = origin};
      rule.matches.push_back(ir::UdpMatch{source, destination});
      raw.append(hook_chain(context, raw, ir::Hook::Prerouting), std::move(rule));
    };
    if (network.dhcp_server) admit(ipv4 ? kBootpClient : kDhcpv6Client, ipv4 ? kBootpServer : kDhcpv6Server);
    if (network.dhcp_client) admit(ipv4 ? kBootpServer : kDhcpv6Server, ipv4 ? kBootpClient : kDhcpv6Client);
  }
}

void refuse_spoofed_sources(Context& context, const sema::Network& network) {
  ir::Table& raw = context.table(ir::TableName::Raw);
  for (const sema::InterfaceId id : network.interfaces) {
    // The addresses stand in a chain of the interface, so that packets of other interfaces pass one rule.
    const std::string name = fmt::format("{}SPOOF-{}", ir::kOwnPrefix, static_cast<unsigned>(id));
    for (const model::Spoof spoof : network.spoof_protections) {
      for (const sema::SpoofRange& range : sema::spoof_ranges(spoof, context.family)) {
        const auto origin =
            context.ruleset.add_origin(fmt::format("spoofing from {}: {}", sema::spoof_word(spoof), network.name));
        if (!raw.find(name)) {
          const auto chain = raw.chain_named(name);
          raw.append(hook_chain(context, raw, ir::Hook::Prerouting),
                     ir::Rule{.in_interface = context.policy.interface(id).device,
                              .target = ir::JumpTarget{chain},
                              .origin = origin});
        }
        const LogStyle style{fmt::format("vrmr: DROP spoof {} ", sema::spoof_word(spoof)), 1, 5};
        const auto chain_origin = context.ruleset.add_origin(fmt::format("spoofing from {}", sema::spoof_word(spoof)));
        const ir::Target drop = drop_target(context, raw, spoof_chain(spoof), true, style, chain_origin);
        raw.append(raw.chain_named(name), ir::Rule{.source = range.prefix, .target = drop, .origin = origin});
      }
    }
  }
}

void refuse_failed_reverse_paths(Context& context) {
  ir::Table& raw = context.table(ir::TableName::Raw);
  const auto chain_origin = context.ruleset.add_origin("rp-filter");
  for (const sema::Interface& interface : context.policy.interfaces) {
    if (!interface.protections.rp_filter || !interface.has(context.family)) continue;
    const auto origin = context.ruleset.add_origin(fmt::format("rp-filter: {}", interface.name));
    const ir::Target drop = drop_target(context, raw, "VRMR-D-rpfilter", true, {"vrmr: DROP rpfilter "}, chain_origin);
    raw.append(
        hook_chain(context, raw, ir::Hook::Prerouting),
        ir::Rule{.in_interface = interface.device, .matches = {ir::RpfilterMatch{}}, .target = drop, .origin = origin});
  }
}

}  // namespace

void pass_raw_admission(Context& context) {
  for (const sema::Network& network : context.policy.networks) admit_dhcp(context, network);
  for (const sema::Network& network : context.policy.networks) refuse_spoofed_sources(context, network);
  refuse_failed_reverse_paths(context);
}

}  // namespace vuurmuur::compile
