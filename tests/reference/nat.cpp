// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference/nat.h"

#include "reference/endpoints.h"
#include "reference/objects.h"
#include "reference/services.h"

namespace vuurmuur::reference {
namespace {

/// The first address of a family that a device has.
std::optional<net::Address> device_address(const World& world, const std::string& device, net::Family family) {
  const auto found = world.devices.find(device);
  if (found == world.devices.end()) return std::nullopt;
  for (const net::Prefix& own : found->second)
    if (own.family() == family) return own.address;
  return std::nullopt;
}

/// The address of an interface: the first one configured, or what its device has where that is dynamic.
std::optional<net::Address> interface_address(const World& world, const model::Interface& interface, net::Family family,
                                              const std::string& device = {}) {
  const auto all = addresses_of(interface, family, world, device);
  if (all.empty()) return std::nullopt;
  return all.front();
}

/// The address of the host that TO names.
std::optional<net::Address> host_address(const model::Policy& policy, const model::Rule& rule, net::Family family) {
  for (const Part& part : parts_of(policy, rule.to.value))
    for (const net::Prefix& prefix : part.prefixes)
      if (prefix.family() == family) return prefix.address;
  return std::nullopt;
}

/// Whether the packet goes to the firewall's own address on the interface by which it came in.
bool goes_to_incoming_interface(const Reading& reading, const Packet& packet) {
  return is_own_address(reading.world, interfaces_towards(reading.policy, reading.rule.from.value, packet.source),
                        packet.in_device, packet.destination);
}

const model::Interface* via_interface(const Reading& reading) {
  if (!reading.rule.options.via_interface) return nullptr;
  const model::Interface* via = find_interface(reading.policy, reading.rule.options.via_interface->value);
  return via != nullptr && via->active ? via : nullptr;
}

bool goes_to_via_interface(const Reading& reading, const Packet& packet) {
  const model::Interface* via = via_interface(reading);
  return via != nullptr && interface_address(reading.world, *via, packet.family()) == packet.destination;
}

/// The ports that a portfw, dnat or bounce rule gives to the packet: the one entry of remoteport, or the one in the
/// place of the listenport entry that the packet came for.
std::vector<net::PortRange> remote_ports(const model::Rule& rule, const Packet& packet) {
  const auto listen = ports_of(rule.options.listen_ports);
  const auto remote = ports_of(rule.options.remote_ports);
  if (remote.size() <= 1 || !net::has_ports(packet.protocol)) return remote;
  for (std::size_t i = 0; i < listen.size(); ++i)
    if (listen[i].contains(packet.destination_port)) return {remote[i]};
  return {};
}

std::optional<NewDestination> forwarded(const Reading& reading, const Packet& packet) {
  const bool bounce = reading.rule.action.value == model::Action::Bounce;
  if (bounce ? !goes_to_via_interface(reading, packet) : !goes_to_incoming_interface(reading, packet))
    return std::nullopt;
  if (!service_matches(reading.policy, reading.rule, packet, ports_of(reading.rule.options.listen_ports)))
    return std::nullopt;
  const auto host = host_address(reading.policy, reading.rule, packet.family());
  if (!host) return std::nullopt;
  return NewDestination{
      *host, net::has_ports(packet.protocol) ? remote_ports(reading.rule, packet) : std::vector<net::PortRange>{}};
}

std::optional<NewDestination> redirected(const Reading& reading, const Packet& packet) {
  if (!to_address_matches(reading, packet)) return std::nullopt;
  if (!service_matches(reading.policy, reading.rule, packet)) return std::nullopt;
  const auto here = device_address(reading.world, packet.in_device, packet.family());
  if (!here) return std::nullopt;
  return NewDestination{*here, {net::PortRange::one(reading.rule.options.redirect_port->value)}};
}

/// RFC 4193: fc00::/7.
bool is_unique_local(const net::Address& address) { return (address.bytes[0] & 0xfe) == 0xfc; }

std::optional<net::Address> bounced_source(const Reading& reading, const Packet& packet) {
  const model::Interface* via = via_interface(reading);
  if (via == nullptr) return std::nullopt;
  const auto remote = ports_of(reading.rule.options.remote_ports);
  const auto ports = remote.empty() ? ports_of(reading.rule.options.listen_ports) : remote;
  if (!service_matches(reading.policy, reading.rule, packet, ports)) return std::nullopt;
  const bool dynamic = packet.family() == net::Family::Ipv4 ? via->dynamic_ipv4 : via->dynamic_ipv6;
  if (dynamic) return device_address(reading.world, packet.out_device, packet.family());
  return interface_address(reading.world, *via, packet.family());
}

std::optional<net::Address> outgoing_source(const Reading& reading, const Packet& packet) {
  if (packet.family() == net::Family::Ipv6 && !is_unique_local(packet.source)) return std::nullopt;
  if (!service_matches(reading.policy, reading.rule, packet)) return std::nullopt;
  if (reading.rule.action.value == model::Action::Masq)
    return device_address(reading.world, packet.out_device, packet.family());
  for (const model::Interface* interface : interfaces_of_end(reading.policy, reading.rule.to.value))
    if (stands_for(*interface, packet.out_device))
      if (auto address = interface_address(reading.world, *interface, packet.family(), packet.out_device))
        return address;
  return std::nullopt;
}

}  // namespace

std::vector<net::PortRange> ports_of(const std::optional<model::Located<std::vector<net::PortRange>>>& option) {
  return option ? option->value : std::vector<net::PortRange>{};
}

bool is_in_force(const model::Policy& policy, const model::Rule& rule) {
  if (!rule.active || rule.action.value == model::Action::Separator) return false;
  if (rule.service.value == "any") return true;
  const model::Service* service = find_service(policy, rule.service.value);
  return service != nullptr && service->active;
}

std::optional<NewDestination> new_destination(const model::Policy& policy, const World& world, const Packet& packet) {
  for (const model::Rule& rule : policy.rules) {
    const Reading reading{policy, world, rule};
    if (!is_in_force(policy, rule)) continue;
    const model::Action action = rule.action.value;
    const bool forwards =
        action == model::Action::Portfw || action == model::Action::Dnat || action == model::Action::Bounce;
    if (!forwards && action != model::Action::Redirect) continue;
    if (!from_matches(reading, packet)) continue;
    if (auto found = forwards ? forwarded(reading, packet) : redirected(reading, packet)) return found;
  }
  return std::nullopt;
}

std::optional<net::Address> new_source(const model::Policy& policy, const World& world, const Packet& packet) {
  for (const model::Rule& rule : policy.rules) {
    const Reading reading{policy, world, rule};
    if (!is_in_force(policy, rule)) continue;
    const bool bounce = rule.action.value == model::Action::Bounce;
    if (!bounce && rule.action.value != model::Action::Snat && rule.action.value != model::Action::Masq) continue;
    // Table nat does not know any more by which interface the packet came in.
    if (!from_address_matches(reading, packet) || !to_matches(reading, packet)) continue;
    if (auto found = bounce ? bounced_source(reading, packet) : outgoing_source(reading, packet)) return found;
  }
  return std::nullopt;
}

}  // namespace vuurmuur::reference
