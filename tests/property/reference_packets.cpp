// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference_packets.h"

#include <fmt/format.h>

#include "packets.h"

namespace vuurmuur::test {
reference::World reference_world() {
  const auto prefix = [](const char* text) { return *net::Prefix::parse(text); };
  reference::World world = property::world();
  world.routes = {{prefix("0.0.0.0/0"), "inet0"}, {prefix("::/0"), "inet0"}};
  return world;
}

analyse::Point point_in(const analyse::Box& box, std::mt19937& random) {
  analyse::Point point;
  for (std::size_t f = 0; f < analyse::kFields; ++f) point[f] = property::between(box.fields[f], random);
  point[static_cast<std::size_t>(analyse::Field::OwnAddress)] = box[analyse::Field::OwnAddress].first;
  return point;
}

std::optional<reference::Packet> packet_of(const analyse::Sample& sample) {
  if (sample.is_own_unknown) return std::nullopt;
  reference::Packet packet;
  // No device has that name.
  if (sample.way != analyse::Sample::Way::Output) packet.in_device = sample.in.empty() ? "!" : sample.in;
  if (sample.way != analyse::Sample::Way::Input) packet.out_device = sample.out.empty() ? "!" : sample.out;
  packet.source = sample.source;
  packet.destination = sample.destination;
  packet.protocol = sample.protocol;
  packet.source_port = sample.source_port;
  packet.destination_port = sample.destination_port;
  packet.icmp_type = sample.icmp_type;
  packet.icmp_code = sample.icmp_code;
  packet.source_mac = sample.source_mac.value_or(net::MacAddress{});
  return packet;
}

reference::Packet arriving_packet(const reference::World& world, std::mt19937& random) {
  constexpr std::uint16_t kPorts[] = {22, 25, 53, 80, 443, 2222, 8080, 8443, 137, 514, 40000};
  const auto device_at = [&](std::size_t number) {
    return *std::next(world.devices.begin(), static_cast<std::ptrdiff_t>(number));
  };
  const net::Family family = random() % 3 == 0 ? net::Family::Ipv6 : net::Family::Ipv4;
  const auto own = [&](const std::vector<net::Prefix>& prefixes) {
    return prefixes[family == net::Family::Ipv4 ? 0 : 1].address;
  };
  const auto beside = [&](net::Address address) {
    address.bytes[family == net::Family::Ipv4 ? 3 : 15] = static_cast<std::uint8_t>(3 + random() % 100);
    return address;
  };
  const std::size_t from = random() % world.devices.size();
  const auto [name, addresses] = device_at(from);
  reference::Packet packet;
  packet.in_device = name;
  packet.source = beside(own(addresses));
  const auto there = device_at((from + random() % world.devices.size()) % world.devices.size());
  packet.destination = there.first == name || random() % 3 == 0 ? own(addresses) : beside(own(there.second));
  packet.protocol = random() % 3 == 0 ? net::Protocol::Udp : net::Protocol::Tcp;
  if (random() % 8 == 0) {
    packet.protocol = family == net::Family::Ipv4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
    packet.icmp_type = family == net::Family::Ipv4 ? 8 : 128;
  }
  packet.source_port = static_cast<std::uint16_t>(1024 + random() % 60000);
  packet.destination_port = kPorts[random() % std::size(kPorts)];
  packet.tcp_flags = 2;
  return packet;
}

std::string text_of(const reference::Packet& packet) {
  return fmt::format("{} > {} in '{}' out '{}' protocol {} ports {} {} icmp {} {}", packet.source.to_string(),
                     packet.destination.to_string(), packet.in_device, packet.out_device,
                     static_cast<int>(packet.protocol), packet.source_port, packet.destination_port, packet.icmp_type,
                     packet.icmp_code);
}

}  // namespace vuurmuur::test
