// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference/services.h"

#include <array>
#include <utility>

#include "reference/objects.h"

namespace vuurmuur::reference {
namespace {

bool icmp_matches(const model::PortSet& set, std::uint8_t type, std::uint8_t code) {
  if (set.icmp_type && *set.icmp_type != type) return false;
  return !set.icmp_code || *set.icmp_code == code;
}

/// An ICMP port set for an ICMPv6 packet. Each counterpart has the same code, or every code.
bool icmp_matches_icmpv6(const model::PortSet& set, std::uint8_t type, std::uint8_t code) {
  struct Counterpart {
    std::uint8_t icmp, icmpv6;
    bool same_code;
  };
  constexpr std::array<Counterpart, 5> kCounterparts{
      {{8, 128, true}, {0, 129, true}, {3, 1, false}, {11, 3, true}, {12, 4, false}}};
  for (const Counterpart& pair : kCounterparts) {
    if (pair.icmpv6 != type) continue;
    if (set.icmp_type && *set.icmp_type != pair.icmp) continue;
    if (set.icmp_type && pair.same_code && set.icmp_code && *set.icmp_code != code) continue;
    return true;
  }
  return false;
}

}  // namespace

bool matches(const model::PortSet& set, const Packet& packet) {
  using enum net::Protocol;
  const bool v4 = packet.family() == net::Family::Ipv4;
  if (set.protocol == Icmp && !v4)
    return packet.protocol == Icmpv6 && icmp_matches_icmpv6(set, packet.icmp_type, packet.icmp_code);
  if (set.protocol == Icmpv6 && v4) return false;
  if (set.protocol != packet.protocol) return false;
  if (set.protocol == Icmp || set.protocol == Icmpv6) return icmp_matches(set, packet.icmp_type, packet.icmp_code);
  if (net::has_ports(set.protocol))
    return set.destination.contains(packet.destination_port) && set.source.contains(packet.source_port);
  return true;
}

std::vector<model::PortSet> port_sets(const model::Service& service, const std::vector<net::PortRange>& instead) {
  std::vector<model::PortSet> sets;
  for (const auto& set : service.port_sets) {
    if (instead.empty() || !net::has_ports(set.value.protocol)) {
      sets.push_back(set.value);
      continue;
    }
    for (const net::PortRange& ports : instead) {
      sets.push_back(set.value);
      sets.back().destination = ports;
    }
  }
  return sets;
}

bool service_matches(const model::Policy& policy, const model::Rule& rule, const Packet& packet,
                     const std::vector<net::PortRange>& instead) {
  if (rule.service.value == "any") return true;
  const model::Service* service = find_service(policy, rule.service.value);
  if (service == nullptr) return false;
  for (const model::PortSet& set : port_sets(*service, instead))
    if (matches(set, packet)) return true;
  return false;
}

bool service_matches_answer(const model::Policy& policy, const model::Rule& rule, const Packet& packet) {
  Packet question = packet;
  std::swap(question.source_port, question.destination_port);
  return service_matches(policy, rule, question);
}

}  // namespace vuurmuur::reference
