// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/services.h"

#include <algorithm>
#include <array>

namespace vuurmuur::compile {
namespace {

struct IcmpCounterpart {
  std::uint8_t ipv4, ipv6;
  bool keeps_code;
};

/// ICMP types with the same meaning in ICMPv6 (RFC 792, RFC 4443).
constexpr std::array kIcmpCounterparts{
    IcmpCounterpart{0, 129, false}, IcmpCounterpart{3, 1, false},  IcmpCounterpart{8, 128, true},
    IcmpCounterpart{11, 3, true},   IcmpCounterpart{12, 4, false},
};

void append_icmp(const model::PortSet& set, net::Family family, std::vector<ServiceCondition>& conditions) {
  const bool is_v6_set = set.protocol == net::Protocol::Icmpv6;
  if (family == net::Family::Ipv4) {
    if (is_v6_set) return;
    if (set.icmp_type)
      conditions.push_back({net::Protocol::Icmp, ir::IcmpMatch{*set.icmp_type, set.icmp_code}});
    else
      conditions.push_back({net::Protocol::Icmp, {}});
    return;
  }
  if (is_v6_set) {
    if (set.icmp_type)
      conditions.push_back({net::Protocol::Icmpv6, ir::IcmpMatch{*set.icmp_type, set.icmp_code}});
    else
      conditions.push_back({net::Protocol::Icmpv6, {}});
    return;
  }
  if (!set.icmp_type) {
    for (const IcmpCounterpart& row : kIcmpCounterparts)
      conditions.push_back({net::Protocol::Icmpv6, ir::IcmpMatch{row.ipv6, {}}});
    return;
  }
  const auto row = std::ranges::find(kIcmpCounterparts, *set.icmp_type, &IcmpCounterpart::ipv4);
  if (row == kIcmpCounterparts.end()) return;
  conditions.push_back(
      {net::Protocol::Icmpv6, ir::IcmpMatch{row->ipv6, row->keeps_code ? set.icmp_code : std::nullopt}});
}

void append_ports(net::Protocol protocol, net::PortRange source, net::PortRange destination,
                  std::vector<ServiceCondition>& conditions) {
  if (source.is_any() && destination.is_any())
    conditions.push_back({protocol, {}});
  else if (protocol == net::Protocol::Tcp)
    conditions.push_back({protocol, ir::TcpMatch{.source = source, .destination = destination}});
  else
    conditions.push_back({protocol, ir::UdpMatch{source, destination}});
}

}  // namespace

std::vector<ServiceCondition> service_conditions(const sema::Rule& rule, net::Family family,
                                                 const std::vector<net::PortRange>* destination_ports) {
  if (rule.any_service && !destination_ports) return {{}};
  std::vector<ServiceCondition> conditions;
  for (const model::PortSet& set : rule.port_sets) {
    if (net::has_ports(set.protocol)) {
      if (!destination_ports)
        append_ports(set.protocol, set.source, set.destination, conditions);
      else
        for (const net::PortRange& ports : *destination_ports)
          append_ports(set.protocol, set.source, ports, conditions);
    } else if (destination_ports) {
      continue;
    } else if (set.protocol == net::Protocol::Icmp || set.protocol == net::Protocol::Icmpv6) {
      append_icmp(set, family, conditions);
    } else {
      conditions.push_back({set.protocol, {}});
    }
  }
  return conditions;
}

std::vector<ir::Rule> combine(std::vector<ir::Rule> ends, const std::vector<ServiceCondition>& services) {
  const auto add = [](const ServiceCondition& service, ir::Rule& rule) {
    rule.protocol = service.protocol;
    if (service.match) rule.matches.insert(rule.matches.begin(), *service.match);
  };
  if (services.size() == 1) {
    for (ir::Rule& end : ends) add(services.front(), end);
    return ends;
  }
  std::vector<ir::Rule> rules;
  rules.reserve(ends.size() * services.size());
  for (const ServiceCondition& service : services)
    for (const ir::Rule& end : ends) add(service, rules.emplace_back(end));
  return rules;
}

}  // namespace vuurmuur::compile
