// SPDX-License-Identifier: GPL-2.0-or-later
#include "packets.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/policy_files.h"

namespace vuurmuur::property {

using analyse::Field;

namespace {

std::uint64_t number(const analyse::Point& point, Field field) { return point[static_cast<std::size_t>(field)].low; }

/// One of the ends of an interval, or something in it.
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

}  // namespace

reference::World world() {
  reference::World world = kernel_test::gateway_world();
  for (auto& [chain, verdict] : world.chains) verdict.reset();
  return world;
}

namespace {

/// Whether this machine's end is an address that the device has in the world, and boxes take for one that only the
/// moment tells: that it is none of the device's means nothing then.
bool is_left_to_moment(const reference::Packet& packet, const analyse::PolicyBoxes& boxes) {
  static const reference::World machine = world();
  const bool comes_in = packet.out_device.empty();
  if (!comes_in && !packet.in_device.empty()) return false;
  const std::string& device = comes_in ? packet.in_device : packet.out_device;
  const bool is_told = std::ranges::none_of(boxes.own_address_numbers(), [&](const auto& entry) {
    const std::string& name = entry.first;
    return name.ends_with('+') ? device.starts_with(name.substr(0, name.size() - 1)) : device == name;
  });
  const auto found = machine.devices.find(device);
  return !is_told && found != machine.devices.end() && std::ranges::any_of(found->second, [&](const net::Prefix& own) {
    return own.address == (comes_in ? packet.destination : packet.source);
  });
}

}  // namespace

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
  if (is_left_to_moment(packet, boxes)) return std::nullopt;
  return packet;
}

analyse::Point point_in(const analyse::Box& box, std::mt19937& random) {
  analyse::Point point;
  for (std::size_t f = 0; f < analyse::kFields; ++f) point[f] = between(box.fields[f], random);
  point[static_cast<std::size_t>(analyse::Field::OwnAddress)] = box[analyse::Field::OwnAddress].first;
  return point;
}

std::optional<reference::Packet> packet_of(const analyse::Sample& sample, const analyse::PolicyBoxes& boxes) {
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
  if (is_left_to_moment(packet, boxes)) return std::nullopt;
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

}  // namespace vuurmuur::property
