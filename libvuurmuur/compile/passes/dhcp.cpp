// SPDX-License-Identifier: GPL-2.0-or-later
// DHCP (RFC 2131, RFC 8415) of networks that accept it. Its packets go to and from addresses that are not configured
// yet, so no state and no rule of the user can take them.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

constexpr net::PortRange kServer4 = net::PortRange::one(67), kClient4 = net::PortRange::one(68);
constexpr net::PortRange kServer6 = net::PortRange::one(547), kClient6 = net::PortRange::one(546);

class DhcpRules {
 public:
  DhcpRules(Context& context, ir::OriginId origin)
      : context_(context), filter_(context.table(ir::TableName::Filter)), origin_(origin) {}

  void in(const std::string& device, std::optional<net::Prefix> source, net::PortRange source_port,
          std::optional<net::Prefix> destination, net::PortRange destination_port) {
    append(ir::Hook::Input, ir::Rule{.in_interface = device, .source = source, .destination = destination}, source_port,
           destination_port);
  }
  void out(const std::string& device, std::optional<net::Prefix> source, net::PortRange source_port,
           std::optional<net::Prefix> destination, net::PortRange destination_port) {
    append(ir::Hook::Output, ir::Rule{.out_interface = device, .source = source, .destination = destination},
           source_port, destination_port);
  }

 private:
  void append(ir::Hook hook, ir::Rule rule, net::PortRange source, net::PortRange destination) {
    rule.protocol = net::Protocol::Udp;
    rule.matches.push_back(ir::UdpMatch{source, destination});
    rule.target = ir::AcceptTarget{};
    rule.origin = origin_;
    filter_.append(hook_chain(context_, filter_, hook), std::move(rule));
  }

  Context& context_;
  ir::Table& filter_;
  ir::OriginId origin_;
};

net::Prefix prefix(std::string_view text) { return *net::Prefix::parse(text); }

void server_ipv4(DhcpRules& rules, const sema::Network& network, const sema::Interface& interface) {
  const net::Prefix nobody = prefix("0.0.0.0/32"), everybody = prefix("255.255.255.255/32");
  rules.in(interface.device, nobody, kClient4, everybody, kServer4);
  rules.out(interface.device, {}, kServer4, everybody, kClient4);
  for (const net::Prefix& inside : network.prefixes) {
    if (inside.family() != net::Family::Ipv4 || inside.is_any()) continue;
    rules.in(interface.device, inside, kClient4, everybody, kServer4);
    rules.out(interface.device, {}, kServer4, inside, kClient4);
    for (const net::Address& address : interface.addresses) {
      if (address.family != net::Family::Ipv4) continue;
      rules.in(interface.device, inside, kClient4, net::Prefix::host(address), kServer4);
      rules.in(interface.device, nobody, kClient4, net::Prefix::host(address), kServer4);
    }
  }
}

void client_ipv4(DhcpRules& rules, const sema::Interface& interface) {
  const net::Prefix everybody = prefix("255.255.255.255/32");
  rules.out(interface.device, {}, kClient4, {}, kServer4);
  rules.in(interface.device, {}, kServer4, everybody, kClient4);
  rules.in(interface.device, {}, kServer4, {}, kClient4);
}

void server_ipv6(DhcpRules& rules, const sema::Interface& interface) {
  const net::Prefix link = prefix("fe80::/10");
  rules.in(interface.device, link, kClient6, {}, kServer6);
  rules.out(interface.device, {}, kServer6, link, kClient6);
}

void client_ipv6(DhcpRules& rules, const sema::Interface& interface) {
  const net::Prefix link = prefix("fe80::/10");
  rules.out(interface.device, link, kClient6, prefix("ff02::1:2/128"), kServer6);
  rules.in(interface.device, link, kServer6, link, kClient6);
}

}  // namespace

void pass_dhcp(Context& context) {
  for (const sema::Network& network : context.policy.networks) {
    if (!network.dhcp_client && !network.dhcp_server) continue;
    const auto origin = context.ruleset.add_origin(fmt::format("dhcp: {}", network.name));
    DhcpRules rules(context, origin);
    for (const sema::InterfaceId id : network.interfaces) {
      const sema::Interface& interface = context.policy.interface(id);
      const bool is_server = network.dhcp_server && interface.has(context.family);
      const bool is_client = network.dhcp_client && interface.is_dynamic(context.family);
      if (context.family == net::Family::Ipv4) {
        if (is_server) server_ipv4(rules, network, interface);
        if (is_client) client_ipv4(rules, interface);
      } else {
        if (is_server) server_ipv6(rules, interface);
        if (is_client) client_ipv6(rules, interface);
      }
    }
  }
}

}  // namespace vuurmuur::compile
