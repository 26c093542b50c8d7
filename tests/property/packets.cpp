// SPDX-License-Identifier: GPL-2.0-or-later
#include "packets.h"

namespace vuurmuur::property {

using analyse::Field;

namespace {

std::uint64_t number(const analyse::Point& point, Field field) { return point[static_cast<std::size_t>(field)].low; }

}  // namespace

reference::World world() {
  const auto prefix = [](const char* text) { return *net::Prefix::parse(text); };
  reference::World world;
  world.devices = {{"lan0", {prefix("10.1.0.1/24"), prefix("fd00:1::1/64")}},
                   {"lan1", {prefix("10.2.0.1/24"), prefix("fd00:2::1/64")}},
                   {"dmz0", {prefix("10.3.0.1/24"), prefix("2001:db8:3::1/64")}},
                   {"inet0", {prefix("203.0.113.2/24"), prefix("2001:db8:ff::2/64")}}};
  world.chains = {{"my-empty", std::nullopt}, {"my-accept", std::nullopt}, {"my-drop", std::nullopt}};
  return world;
}

std::optional<reference::Packet> packet_at(const analyse::Point& point, const analyse::PolicyBoxes& boxes,
                                           net::Family family) {
  if (number(point, Field::OwnAddress) != 0) return std::nullopt;
  reference::Packet packet;
  const auto at = [&](Field field) { return point[static_cast<std::size_t>(field)]; };
  const std::uint64_t chain = number(point, Field::Chain);
  if (chain != 2) packet.in_device = boxes.device(at(Field::In));
  if (chain != 0) packet.out_device = boxes.device(at(Field::Out));
  packet.source = analyse::address_of(at(Field::Source), family);
  packet.destination = analyse::address_of(at(Field::Destination), family);
  packet.protocol = static_cast<net::Protocol>(number(point, Field::Protocol));
  if (packet.protocol == net::Protocol::Icmp || packet.protocol == net::Protocol::Icmpv6) {
    if (number(point, Field::SourcePort) > 255 || number(point, Field::DestinationPort) > 255) return std::nullopt;
    packet.icmp_type = static_cast<std::uint8_t>(number(point, Field::SourcePort));
    packet.icmp_code = static_cast<std::uint8_t>(number(point, Field::DestinationPort));
  }
  packet.source_port = static_cast<std::uint16_t>(number(point, Field::SourcePort));
  packet.destination_port = static_cast<std::uint16_t>(number(point, Field::DestinationPort));
  net::MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i)
    mac.bytes[i] = static_cast<std::uint8_t>(number(point, Field::SourceMac) >> (40 - 8 * i));
  packet.source_mac = mac;
  return packet;
}

analyse::Value between(const analyse::Interval& interval, std::mt19937& random) {
  switch (random() % 3) {
    case 0: return interval.first;
    case 1: return interval.last;
    default: break;
  }
  const std::uint64_t width = interval.last.low - interval.first.low;
  // A prefix of IPv6 keeps its high half.
  return interval.first.high == interval.last.high
             ? analyse::Value{.high = interval.first.high,
                              .low = interval.first.low + (width == UINT64_MAX ? random() : random() % (width + 1))}
             : analyse::Value{.high = interval.first.high, .low = random()};
}

}  // namespace vuurmuur::property
