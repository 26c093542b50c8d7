// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::lab {

using Bytes = std::vector<std::uint8_t>;

/// An IPv4 or IPv6 packet with the header fields that tests look at. Fields of other protocols are not used.
struct Packet {
  net::Address source, destination;  ///< of one family
  net::Protocol protocol = net::Protocol::Udp;
  std::uint16_t source_port = 0, destination_port = 0;  ///< TCP and UDP
  std::uint8_t tcp_flags = 0;                           ///< ir::TcpFlags bits
  std::uint32_t sequence = 0, acknowledgement = 0;      ///< TCP
  std::uint8_t icmp_type = 0, icmp_code = 0;            ///< ICMP and ICMPv6
  std::uint16_t icmp_id = 0, icmp_sequence = 0;         ///< echo
  Bytes payload;                                        ///< of an ICMP error: the packet it speaks of
  bool wrong_checksum = false;                          ///< of the transport header
  std::uint8_t hop_limit = 64;

  [[nodiscard]] net::Family family() const { return source.family; }
  /// Source and destination turned round, ports too, without payload and flags.
  [[nodiscard]] Packet reversed() const;
  /// "tcp 10.1.0.10:40000 > 10.3.0.20:80 [S]"
  [[nodiscard]] std::string to_string() const;
};

/// The packet with its IP header and checksums.
[[nodiscard]] Bytes encode(const Packet& packet);

/// What a packet says; nothing for what this does not read (fragments, IPv6 extension headers, broken ones).
[[nodiscard]] std::optional<Packet> decode(std::span<const std::uint8_t> bytes);

/// An ICMP or ICMPv6 error about a packet: destination unreachable, port unreachable.
[[nodiscard]] Packet port_unreachable(const Packet& about, const net::Address& from);

}  // namespace vuurmuur::lab
