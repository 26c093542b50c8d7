// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::reference {

enum class Verdict { Accept, Drop, Reject, Queue };

/// What the policy does not say but the machine knows.
struct World {
  /// The addresses that each device has.
  std::map<std::string, std::vector<net::Prefix>> devices;
  struct Route {
    net::Prefix to;
    std::string device;
  };
  /// Routes besides those to the devices' own networks.
  std::vector<Route> routes;
  /// The user's own chains: the verdict that each gives to every packet, or none.
  std::map<std::string, std::optional<Verdict>> chains;

  /// Whether a packet to this address stays here: an own address, a broadcast address or multicast.
  [[nodiscard]] bool is_local(const net::Address& address) const;
  /// The device towards an address; empty when no route leads there.
  [[nodiscard]] std::string device_towards(const net::Address& address) const;
};

/// A packet as it comes in by a device, or as this machine sends it.
struct Packet {
  std::string in_device;  ///< empty: sent by this machine
  std::string
      out_device;  ///< where it leaves; empty: delivered to this machine. Found from the routes for one that comes in
  net::Address source, destination;
  net::Protocol protocol = net::Protocol::Udp;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t tcp_flags = 0;  ///< FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::optional<net::MacAddress> source_mac;  ///< of one that comes in

  [[nodiscard]] net::Family family() const { return source.family; }
};

}  // namespace vuurmuur::reference
