// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/first_packet.h"

#include <algorithm>

namespace vuurmuur::apply {
namespace {

constexpr std::string_view kLoopback = "lo";

bool is_unspecified(const net::Address& address) {
  return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

/// 224.0.0.0/4 (RFC 5771), ff00::/8 (RFC 4291).
bool is_multicast(const net::Address& address) {
  return address.family == net::Family::Ipv4 ? address.bytes[0] >> 4 == 0xe : address.bytes[0] == 0xff;
}

/// 255.255.255.255 (RFC 919).
bool is_limited_broadcast(const net::Address& address) {
  return address.family == net::Family::Ipv4 && address.to_ipv4() == 0xffffffff;
}

/// fe80::/10 (RFC 4291). IPv4's 169.254.0.0/16 has routes like any other network.
bool is_link_local(const net::Address& address) {
  return address.family == net::Family::Ipv6 && address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

bool is_in(const std::optional<net::Prefix>& prefix, const net::Address& address) {
  return !prefix || prefix->contains(address);
}

}  // namespace

bool is_routable(const net::Address& address) {
  return !is_unspecified(address) && !is_multicast(address) && !is_limited_broadcast(address);
}

FirstPackets::FirstPackets(const RoutingFacts& facts, const Routes& routes, const Number& number)
    : facts_(facts), routes_(routes) {
  for (const auto& [device, name] : facts.devices) {
    ids_.emplace(device, number(name));
    if (name == kLoopback) loopback_ = device;
  }
  for (const OwnedAddress& owned : facts.addresses) owners_[owned.address].push_back(owned.device);
}

Route FirstPackets::route_to(const net::Address& address) const {
  const auto found = routes_.find(address);
  return found == routes_.end() ? Route{} : found->second;
}

bool FirstPackets::is_own(const net::Address& address) const {
  return route_to(address).kind == RouteKind::Local || owners_.contains(address);
}

FirstPackets::Found FirstPackets::known(DeviceNumber number) const {
  const auto found = ids_.find(number);
  // A device that came after the devices were read.
  if (found == ids_.end()) return {.doubt = DeviceDoubt::NoRoute};
  return {.id = found->second, .number = number};
}

FirstPackets::Found FirstPackets::device_of_own(const net::Address& address) const {
  const auto found = owners_.find(address);
  if (found == owners_.end() || found->second.size() != 1) return {.doubt = DeviceDoubt::LinkLocal};
  return known(found->second.front());
}

FirstPackets::Found FirstPackets::device_between(const net::Address& from, const net::Address& to) const {
  if (is_unspecified(to)) return {.doubt = DeviceDoubt::NoSource};
  if (is_multicast(to) || is_limited_broadcast(to)) return {.doubt = DeviceDoubt::Group};
  // A link-local address says nothing of its link; an own one at the other end does.
  if (is_link_local(to)) return is_link_local(from) ? device_of_own(from) : Found{.doubt = DeviceDoubt::LinkLocal};
  for (const RoutingRule& rule : facts_.rules)
    if (rule.family == to.family && is_in(rule.from, from) && is_in(rule.to, to))
      return {.doubt = DeviceDoubt::RoutingRules};
  const Route route = route_to(to);
  if (route.kind == RouteKind::None) return {.doubt = DeviceDoubt::NoRoute};
  if (!route.device) return {.doubt = DeviceDoubt::SeveralRoutes};
  return known(*route.device);
}

/// As match addrtype answers with --limit-iface-in or -out (net/netfilter/xt_addrtype.c): of IPv4 it looks at the first
/// entry of the local table only, so that an address of several devices is nobody's for sure.
ir::Known FirstPackets::is_of(const net::Address& address, const Found& device) const {
  const auto found = owners_.find(address);
  if (found == owners_.end()) return is_own(address) ? ir::Known::Maybe : ir::Known::No;
  if (device.id == ir::DeviceId::None) return ir::Known::No;
  if (device.id == ir::DeviceId::Unknown) return ir::Known::Maybe;
  const auto& devices = found->second;
  if (std::ranges::find(devices, device.number) == devices.end()) return ir::Known::No;
  return devices.size() == 1 || address.family == net::Family::Ipv6 ? ir::Known::Yes : ir::Known::Maybe;
}

ir::OwnAddress FirstPackets::own_address(const net::Address& address, const Found& in, const Found& out) const {
  return {.any = is_own(address) ? ir::Known::Yes : ir::Known::No,
          .of_in = is_of(address, in),
          .of_out = is_of(address, out)};
}

void FirstPackets::set_devices(FirstPacket& packet, ir::Opening& opening, const Found& in, const Found& out) const {
  opening.in = in.id;
  opening.out = out.id;
  opening.own_source = own_address(opening.source, in, out);
  opening.own_destination = own_address(opening.destination, in, out);
  if (in.doubt != DeviceDoubt::None) packet.in_doubt = in.doubt;
  if (out.doubt != DeviceDoubt::None) packet.out_doubt = out.doubt;
}

FirstPacket FirstPackets::of(const LiveConnection& connection) const {
  constexpr Found kNone{.id = ir::DeviceId::None};
  FirstPacket packet;
  ir::Opening& opening = packet.opening;
  opening.family = connection.family();
  opening.source = source_in_filter(connection);
  opening.destination = destination_in_filter(connection);
  opening.protocol = connection.original.protocol;
  opening.source_port = connection.original.source_port;
  opening.destination_port = connection.reply.source_port;
  opening.icmp_type = connection.original.icmp_type;
  opening.icmp_code = connection.original.icmp_code;

  const net::Address &from = opening.source, &to = opening.destination;
  const bool is_group = is_multicast(to) || is_limited_broadcast(to);
  const RouteKind kind = route_to(to).kind;
  const bool is_for_us =
      is_own(to) || kind == RouteKind::Broadcast || kind == RouteKind::Anycast || is_limited_broadcast(to);
  if (is_own(from)) {
    opening.hook = ir::Hook::Output;
    if (!is_own(to)) {
      set_devices(packet, opening, kNone, device_between(from, to));
      return packet;
    }
    const Found loopback = known(loopback_);
    packet.second = opening;
    packet.second.hook = ir::Hook::Input;
    packet.also = FirstPacket::Also::Then;
    set_devices(packet, opening, kNone, loopback);
    set_devices(packet, packet.second, loopback, kNone);
    return packet;
  }
  const Found in = device_between(to, from);
  if (is_for_us || is_group) {
    opening.hook = ir::Hook::Input;
    set_devices(packet, opening, in, kNone);
    if (!is_multicast(to)) return packet;
    packet.also = FirstPacket::Also::Or;
    packet.second = opening;
    packet.second.hook = ir::Hook::Forward;
    set_devices(packet, packet.second, in, {.doubt = DeviceDoubt::Group});
    return packet;
  }
  opening.hook = ir::Hook::Forward;
  set_devices(packet, opening, in, device_between(from, to));
  return packet;
}

}  // namespace vuurmuur::apply
