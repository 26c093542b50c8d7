// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference/endpoints.h"

#include <algorithm>

#include "reference/objects.h"

namespace vuurmuur::reference {
namespace {

using Kind = model::Endpoint::Kind;

bool is_firewall(const model::Endpoint& end) { return end.kind == Kind::Firewall || end.kind == Kind::FirewallAny; }

bool is_peer(const model::Endpoint& end) {
  return end.kind == Kind::Zone || end.kind == Kind::Network || end.kind == Kind::Member;
}

bool any_contains(const std::vector<net::Prefix>& prefixes, const net::Address& address) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const net::Prefix& prefix) {
    return prefix.family() == address.family && prefix.contains(address);
  });
}

bool has_device(const std::vector<const model::Interface*>& interfaces, const std::string& device) {
  return std::any_of(interfaces.begin(), interfaces.end(),
                     [&](const model::Interface* interface) { return stands_for(*interface, device); });
}

bool is_broadcast_of(const model::Network& network, const net::Address& address) {
  const auto all = broadcasts_of(network);
  return std::find(all.begin(), all.end(), address) != all.end();
}

/// in_int and out_int: the packet must come in (leave) by that interface.
bool by_named_interface(const model::Policy& policy, const std::optional<model::Located<std::string>>& name,
                        const std::string& device) {
  if (!name) return true;
  const model::Interface* interface = find_interface(policy, name->value);
  return interface != nullptr && interface->active && stands_for(*interface, device);
}

/// The interfaces of a part, of which in_int or out_int may leave just one: they must be among the part's.
std::vector<const model::Interface*> narrowed(const model::Policy& policy, const Part& part,
                                              const std::optional<model::Located<std::string>>& name) {
  auto interfaces = interfaces_of(policy, *part.network);
  if (name)
    std::erase_if(interfaces, [&](const model::Interface* interface) { return interface->name.value != name->value; });
  return interfaces;
}

/// Whether the rule's service also goes to broadcast addresses.
bool to_broadcasts_too(const Reading& reading, const Packet& packet) {
  if (packet.protocol != net::Protocol::Udp || packet.family() != net::Family::Ipv4) return false;
  const model::Service* service = find_service(reading.policy, reading.rule.service.value);
  return service != nullptr && service->broadcast;
}

bool is_everyone(const net::Address& address) { return address == net::Address::ipv4(0xffffffff); }

bool peer_takes_source(const Reading& reading, const Packet& packet) {
  for (const Part& part : parts_of(reading.policy, reading.rule.from.value)) {
    if (!has_device(narrowed(reading.policy, part, reading.rule.options.in_interface), packet.in_device)) continue;
    if (!any_contains(part.prefixes, packet.source)) continue;
    if (part.mac && part.mac != packet.source_mac) continue;
    return true;
  }
  return false;
}

bool peer_takes_destination(const Reading& reading, const Packet& packet) {
  for (const Part& part : parts_of(reading.policy, reading.rule.to.value)) {
    if (!has_device(narrowed(reading.policy, part, reading.rule.options.out_interface), packet.out_device)) continue;
    if (any_contains(part.prefixes, packet.destination)) return true;
    if (to_broadcasts_too(reading, packet) &&
        (is_broadcast_of(*part.network, packet.destination) ||
         (is_everyone(packet.destination) && chain_of(packet) == Chain::Output)))
      return true;
  }
  return false;
}

bool firewall_is_source(const Reading& reading, const Packet& packet) {
  if (!by_named_interface(reading.policy, reading.rule.options.out_interface, packet.out_device)) return false;
  return is_own_address(reading.world, interfaces_towards(reading.policy, reading.rule.to.value, packet.destination),
                        packet.out_device, packet.source);
}

bool firewall_is_destination(const Reading& reading, const Packet& packet) {
  if (!by_named_interface(reading.policy, reading.rule.options.in_interface, packet.in_device)) return false;
  if (is_own_address(reading.world, interfaces_towards(reading.policy, reading.rule.from.value, packet.source),
                     packet.in_device, packet.destination))
    return true;
  const auto interfaces = interfaces_of_end(reading.policy, reading.rule.from.value);
  if (!is_peer(reading.rule.from.value)) return false;  // no network is concerned
  if (!to_broadcasts_too(reading, packet) || !has_device(interfaces, packet.in_device)) return false;
  if (is_everyone(packet.destination)) return true;
  for (const Part& part : parts_of(reading.policy, reading.rule.from.value))
    if (any_contains(part.prefixes, packet.source) && is_broadcast_of(*part.network, packet.destination)) return true;
  return false;
}

/// TO network(broadcast): out of the network's interfaces when the firewall sends, in by them otherwise.
bool broadcast_is_destination(const Reading& reading, const Packet& packet) {
  if (packet.protocol != net::Protocol::Udp || packet.family() != net::Family::Ipv4) return false;
  const std::string& device = packet.in_device.empty() ? packet.out_device : packet.in_device;
  for (const Part& part : parts_of(reading.policy, reading.rule.to.value))
    if (is_broadcast_of(*part.network, packet.destination) &&
        has_device(interfaces_of(reading.policy, *part.network), device))
      return true;
  return false;
}

}  // namespace

Chain chain_of(const Packet& packet) {
  if (packet.in_device.empty()) return Chain::Output;
  return packet.out_device.empty() ? Chain::Input : Chain::Forward;
}

std::vector<const model::Interface*> interfaces_of_end(const model::Policy& policy, const model::Endpoint& end) {
  std::vector<const model::Interface*> all;
  if (end.kind == Kind::Any || is_firewall(end)) {
    for (const model::Interface& interface : policy.interfaces)
      if (interface.active) all.push_back(&interface);
    return all;
  }
  for (const Part& part : parts_of(policy, end))
    for (const model::Interface* interface : interfaces_of(policy, *part.network)) all.push_back(interface);
  return all;
}

std::vector<const model::Interface*> interfaces_towards(const model::Policy& policy, const model::Endpoint& end,
                                                        const net::Address& address) {
  if (!is_peer(end) || is_everyone(address)) return interfaces_of_end(policy, end);
  std::vector<const model::Interface*> all;
  for (const Part& part : parts_of(policy, end))
    if (any_contains(part.prefixes, address) || is_broadcast_of(*part.network, address))
      for (const model::Interface* interface : interfaces_of(policy, *part.network)) all.push_back(interface);
  return all;
}

bool arrives_redirected(const Reading& reading, const Packet& packet) {
  for (const model::Interface* interface : interfaces_towards(reading.policy, reading.rule.from.value, packet.source)) {
    if (!interface->device.value.ends_with('+')) {
      if (is_own_address(reading.world, {interface}, packet.in_device, packet.destination)) return true;
      continue;
    }
    if (!stands_for(*interface, packet.in_device) ||
        addresses_of(*interface, packet.family(), reading.world, packet.in_device).empty())
      continue;
    const auto device = reading.world.devices.find(packet.in_device);
    if (device == reading.world.devices.end()) continue;
    if (std::ranges::find(device->second, packet.destination, &net::Prefix::address) != device->second.end())
      return true;
  }
  return false;
}

bool is_own_address(const World& world, const std::vector<const model::Interface*>& interfaces,
                    const std::string& device, const net::Address& address) {
  for (const model::Interface* interface : interfaces) {
    if (!stands_for(*interface, device)) continue;
    const auto own = addresses_of(*interface, address.family, world, device);
    if (std::find(own.begin(), own.end(), address) != own.end()) return true;
  }
  return false;
}

bool lands_in(const model::Rule& rule, Chain chain) {
  const model::Endpoint& from = rule.from.value;
  const model::Endpoint& to = rule.to.value;
  if (to.kind == Kind::Broadcast) return chain == (is_firewall(from) ? Chain::Output : Chain::Input);
  if (is_firewall(from)) return chain == Chain::Output;
  if (is_firewall(to)) return chain == Chain::Input;
  if (chain == Chain::Forward) return true;
  if (chain == Chain::Input) return to.kind == Kind::Any;
  return from.kind == Kind::Any;
}

bool from_matches(const Reading& reading, const Packet& packet) {
  const model::Endpoint& from = reading.rule.from.value;
  if (is_peer(from)) return peer_takes_source(reading, packet);
  if (!by_named_interface(reading.policy, reading.rule.options.in_interface, packet.in_device)) return false;
  return from.kind != Kind::Firewall || firewall_is_source(reading, packet);
}

bool to_matches(const Reading& reading, const Packet& packet) {
  const model::Endpoint& to = reading.rule.to.value;
  if (is_peer(to)) return peer_takes_destination(reading, packet);
  if (!by_named_interface(reading.policy, reading.rule.options.out_interface, packet.out_device)) return false;
  if (to.kind == Kind::Broadcast) return broadcast_is_destination(reading, packet);
  return to.kind != Kind::Firewall || firewall_is_destination(reading, packet);
}

bool answers_broadcast(const Reading& reading, const Packet& packet) {
  if (reading.rule.to.value.kind != Kind::Broadcast || !is_firewall(reading.rule.from.value)) return false;
  if (chain_of(packet) != Chain::Input || packet.protocol != net::Protocol::Udp) return false;
  for (const Part& part : parts_of(reading.policy, reading.rule.to.value)) {
    const auto interfaces = interfaces_of(reading.policy, *part.network);
    if (!has_device(interfaces, packet.in_device) || !any_contains(part.prefixes, packet.source)) continue;
    if (packet.family() != net::Family::Ipv4) continue;
    if (reading.rule.from.value.kind == Kind::FirewallAny) return true;
    if (is_own_address(reading.world, interfaces, packet.in_device, packet.destination)) return true;
  }
  return false;
}

bool from_address_matches(const Reading& reading, const Packet& packet) {
  if (!is_peer(reading.rule.from.value)) return reading.rule.from.value.kind == Kind::Any;
  for (const Part& part : parts_of(reading.policy, reading.rule.from.value))
    if (any_contains(part.prefixes, packet.source)) return true;
  return false;
}

bool to_address_matches(const Reading& reading, const Packet& packet) {
  const model::Endpoint& to = reading.rule.to.value;
  if (to.kind == Kind::Any) return true;
  if (to.kind == Kind::FirewallAny) return reading.world.is_local(packet.destination);
  if (to.kind == Kind::Firewall)
    return is_own_address(reading.world, interfaces_of_end(reading.policy, reading.rule.from.value), packet.in_device,
                          packet.destination);
  for (const Part& part : parts_of(reading.policy, to))
    if (any_contains(part.prefixes, packet.destination)) return true;
  return false;
}

}  // namespace vuurmuur::reference
