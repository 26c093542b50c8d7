// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/probes.h"

namespace vuurmuur::kernel_test {
namespace {

constexpr std::uint8_t kSyn = 2, kRst = 4, kAck = 16;
constexpr net::MacAddress kStranger{{2, 0, 0, 0, 0, 0x99}};

net::Address address(const char* text) { return *net::Address::parse(text); }

std::vector<Origin> origins(net::Family family) {
  const bool v4 = family == net::Family::Ipv4;
  return {
      {"lan0", address(v4 ? "10.1.0.10" : "fd00:1::10"), lab::Wire::kHostMac},
      {"lan0", address(v4 ? "10.1.0.12" : "fd00:1::12"), lab::Wire::kHostMac},
      {"lan1", address(v4 ? "10.2.0.11" : "fd00:2::11"), lab::Wire::kHostMac},
      {"dmz0", address(v4 ? "10.3.0.10" : "2001:db8:3::10"), lab::Wire::kHostMac},
      {"inet0", address(v4 ? "198.51.100.7" : "2001:db8:77::7"), lab::Wire::kHostMac},
      {"", address(v4 ? "10.3.0.1" : "2001:db8:3::1"), lab::Wire::kHostMac},
      {"", address(v4 ? "203.0.113.2" : "2001:db8:ff::2"), lab::Wire::kHostMac},
  };
}

/// Besides origins(): other hosts, MAC addresses that do not fit, sources that cannot be behind their device.
std::vector<Origin> odd_origins(net::Family family) {
  const bool v4 = family == net::Family::Ipv4;
  return {
      {"lan0", address(v4 ? "10.1.0.11" : "fd00:1::11"), lab::Wire::kHostMac},
      {"lan0", address(v4 ? "10.1.0.12" : "fd00:1::12"), kStranger},
      {"lan0", address(v4 ? "10.1.0.13" : "fd00:1::13"), lab::Wire::kHostMac},
      {"lan0", address(v4 ? "10.1.0.13" : "fd00:1::13"), kStranger},
      {"lan0", address(v4 ? "10.1.0.14" : "fd00:1::14"), lab::Wire::kHostMac},
      {"lan1", address(v4 ? "10.2.0.12" : "fd00:2::12"), lab::Wire::kHostMac},
      {"lan1", address(v4 ? "10.1.0.10" : "fd00:1::10"), lab::Wire::kHostMac},
      {"dmz0", address(v4 ? "10.3.0.11" : "2001:db8:3::11"), lab::Wire::kHostMac},
      {"dmz0", address(v4 ? "192.0.2.9" : "2001:db8:99::9"), lab::Wire::kHostMac},
      {"inet0", address(v4 ? "203.0.113.10" : "2001:db8:ff::10"), lab::Wire::kHostMac},
      {"inet0", address(v4 ? "10.1.0.10" : "fd00:1::10"), lab::Wire::kHostMac},
      {"", address(v4 ? "10.1.0.1" : "fd00:1::1"), lab::Wire::kHostMac},
      {"", address(v4 ? "10.2.0.1" : "fd00:2::1"), lab::Wire::kHostMac},
  };
}

std::vector<net::Address> destinations(net::Family family) {
  const bool v4 = family == net::Family::Ipv4;
  return {
      address(v4 ? "10.1.0.10" : "fd00:1::10"),        address(v4 ? "10.2.0.10" : "fd00:2::10"),
      address(v4 ? "10.3.0.10" : "2001:db8:3::10"),    address(v4 ? "10.3.0.11" : "2001:db8:3::11"),
      address(v4 ? "198.51.100.7" : "2001:db8:77::7"), address(v4 ? "10.1.0.1" : "fd00:1::1"),
      address(v4 ? "203.0.113.2" : "2001:db8:ff::2"),  address(v4 ? "10.1.0.255" : "fd00:1::12"),
  };
}

std::vector<net::Address> odd_destinations(net::Family family) {
  const bool v4 = family == net::Family::Ipv4;
  return {
      address(v4 ? "10.1.0.12" : "fd00:1::13"),
      address(v4 ? "10.2.0.12" : "fd00:2::12"),
      address(v4 ? "10.2.0.1" : "fd00:2::1"),
      address(v4 ? "10.3.0.1" : "2001:db8:3::1"),
      address(v4 ? "192.0.2.9" : "2001:db8:99::9"),
      address(v4 ? "10.2.0.255" : "fd00:2::11"),
      address(v4 ? "255.255.255.255" : "2001:db8:3::12"),
      address(v4 ? "10.3.0.255" : "fd00:1::14"),
  };
}

Traffic tcp(std::uint16_t port, std::uint8_t flags = kSyn, reference::State state = reference::State::New) {
  Traffic traffic;
  traffic.packet.protocol = net::Protocol::Tcp;
  traffic.packet.destination_port = port;
  traffic.packet.tcp_flags = flags;
  traffic.state = state;
  return traffic;
}

Traffic udp(std::uint16_t port, std::uint16_t source_port = 0) {
  Traffic traffic;
  traffic.packet.destination_port = port;
  traffic.packet.source_port = source_port;
  return traffic;
}

Traffic other(net::Protocol protocol) {
  Traffic traffic;
  traffic.packet.protocol = protocol;
  return traffic;
}

Traffic icmp(net::Protocol protocol, std::uint8_t type, std::uint8_t code, reference::State state) {
  Traffic traffic = other(protocol);
  traffic.packet.icmp_type = type;
  traffic.packet.icmp_code = code;
  traffic.state = state;
  return traffic;
}

Traffic wrong_checksum(Traffic traffic) {
  traffic.packet.wrong_checksum = true;
  traffic.state = reference::State::Invalid;
  return traffic;
}

std::vector<Traffic> traffics(net::Family family) {
  using enum reference::State;
  const bool v4 = family == net::Family::Ipv4;
  return {tcp(80),   tcp(443),  tcp(22),
          tcp(21),   udp(53),   udp(137),
          udp(8006), tcp(8005), v4 ? icmp(net::Protocol::Icmp, 8, 0, New) : icmp(net::Protocol::Icmpv6, 128, 0, New)};
}

std::vector<Traffic> odd_traffics(net::Family family) {
  using enum reference::State;
  const bool v4 = family == net::Family::Ipv4;
  Traffic low = tcp(80);
  low.packet.source_port = 600;
  std::vector<Traffic> all{low,
                           tcp(53),
                           tcp(9000),
                           tcp(9001),
                           tcp(3128),
                           tcp(8080),
                           tcp(2222),
                           udp(8012),
                           udp(138),
                           udp(514, 514),
                           udp(514),
                           other(net::Protocol::Gre),
                           other(net::Protocol::Esp),
                           tcp(80, kAck),
                           tcp(80, kRst, Invalid),
                           tcp(80, kSyn | kAck, Invalid),
                           tcp(80, 0, Invalid),
                           tcp(80, kSyn | 1, Invalid),
                           tcp(80, kSyn | 32),
                           tcp(80, 1 | 8 | 32, Invalid),
                           wrong_checksum(tcp(80)),
                           wrong_checksum(udp(53))};
  if (v4) {
    all.push_back(icmp(net::Protocol::Icmp, 13, 0, New));
    all.push_back(icmp(net::Protocol::Icmp, 0, 0, Invalid));
    all.push_back(icmp(net::Protocol::Icmp, 11, 0, Invalid));
    all.push_back(udp(67, 68));
    all.push_back(udp(68, 67));
  } else {
    all.push_back(icmp(net::Protocol::Icmpv6, 129, 0, Invalid));
    all.push_back(icmp(net::Protocol::Icmpv6, 3, 0, Invalid));
    all.push_back(udp(547, 546));
  }
  return all;
}

template <class T>
const T& pick(std::mt19937& random, const std::vector<T>& from) {
  return from[random() % from.size()];
}

template <class T>
T pick(std::mt19937& random, const std::vector<T>& common, const std::vector<T>& odd, unsigned percent_odd) {
  return random() % 100 < percent_odd ? pick(random, odd) : pick(random, common);
}

/// A packet that comes in cannot be from this machine, and one that this machine sends to itself stays on loopback.
bool is_possible(const Origin& from, const net::Address& to) {
  if (from.source == to) return false;
  const bool to_firewall = to.to_string().ends_with(".1") || to.to_string().ends_with("::1") ||
                           to == address("203.0.113.2") || to == address("2001:db8:ff::2");
  return !(from.device.empty() && to_firewall);
}

}  // namespace

Probe Probes::make(const Origin& from, const net::Address& to, const Traffic& traffic) {
  ++serial_;
  Probe probe;
  probe.in_device = from.device;
  probe.from = from.mac;
  probe.packet = traffic.packet;
  probe.packet.source = from.source;
  probe.packet.destination = to;
  probe.state = traffic.state;
  if (probe.packet.source_port == 0) probe.packet.source_port = static_cast<std::uint16_t>(20000 + serial_ % 40000);
  probe.packet.icmp_id = static_cast<std::uint16_t>(serial_);
  probe.packet.sequence = serial_ * 100003u;
  if (probe.packet.protocol == net::Protocol::Gre) probe.packet.payload.assign(4, 0);  // RFC 2784: version 0
  if (probe.packet.protocol != net::Protocol::Tcp)
    for (unsigned shift = 0; shift < 32; shift += 8)
      probe.packet.payload.push_back(static_cast<std::uint8_t>(serial_ >> shift));
  return probe;
}

std::vector<Probe> Probes::all(net::Family family) {
  std::vector<Probe> probes;
  for (const Origin& from : origins(family))
    for (const net::Address& to : destinations(family))
      for (const Traffic& traffic : traffics(family))
        if (is_possible(from, to)) probes.push_back(make(from, to, traffic));
  return probes;
}

Probe Probes::any(std::mt19937& random) {
  constexpr unsigned kOddOrigins = 30, kOddDestinations = 25, kOddTraffic = 30;
  while (true) {
    const net::Family family = random() % 2 == 0 ? net::Family::Ipv4 : net::Family::Ipv6;
    const Origin from = pick(random, origins(family), odd_origins(family), kOddOrigins);
    const net::Address to = pick(random, destinations(family), odd_destinations(family), kOddDestinations);
    const Traffic traffic = pick(random, traffics(family), odd_traffics(family), kOddTraffic);
    // A broadcast of this machine comes back to it and is judged twice, which limits count.
    if (from.device.empty() && to.to_string().ends_with(".255")) continue;
    // A kernel's own checks of what it sends differ from those of what comes in: INVALID is made on the way in.
    if (from.device.empty() && traffic.packet.wrong_checksum) continue;
    if (is_possible(from, to)) return make(from, to, traffic);
  }
}

}  // namespace vuurmuur::kernel_test
