// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::apply {

/// What conntrack knows the packets of one direction by.
struct ConnectionTuple {
  net::Address source, destination;
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint8_t icmp_type = 0, icmp_code = 0;            ///< of ICMP and ICMPv6
  std::uint16_t source_port = 0, destination_port = 0;  ///< of protocols with conntrack_has_ports()
  std::uint16_t icmp_identifier = 0;

  auto operator<=>(const ConnectionTuple&) const = default;
};

/// Whether conntrack tells connections of a protocol apart by two 16-bit numbers: ports, or the keys of GRE.
[[nodiscard]] bool conntrack_has_ports(net::Protocol protocol);

/// An entry of conntrack's table, which is a connection whose first packet was let through. What differs between the
/// original direction and the other one turned round is what NAT does.
struct LiveConnection {
  ConnectionTuple original, reply;
  std::uint32_t mark = 0;
  std::uint32_t id = 0;        ///< tells it from a later connection with the same tuples
  bool in_other_zone = false;  ///< conntrack zones separate what is not ours to judge
  /// The original tuple of the connection whose helper announced this one.
  std::optional<ConnectionTuple> master{};

  [[nodiscard]] net::Family family() const { return original.source.family; }
  bool operator==(const LiveConnection&) const = default;
};

/// What is to become of a live connection.
struct ConnectionChange {
  ConnectionTuple original;
  std::uint32_t id = 0;
  /// Written into the bits of `mask` of its mark; nothing: it ends.
  std::optional<std::uint32_t> field{};
  std::uint32_t mask = 0;

  bool operator==(const ConnectionChange&) const = default;
};

/// "tcp 10.1.0.10:40000 > 203.0.113.9:80", "ipv6-icmp 2001:db8::1 > 2001:db8::2 type 128 code 0", and behind that where
/// it was sent instead and under which source it goes on: ", to 10.3.0.10:80", ", as 203.0.113.2:40000".
[[nodiscard]] std::string to_string(const LiveConnection& connection);

struct HashAddress {
  [[nodiscard]] std::size_t operator()(const net::Address& address) const;
};

struct HashTuple {
  [[nodiscard]] std::size_t operator()(const ConnectionTuple& tuple) const;
};

}  // namespace vuurmuur::apply
