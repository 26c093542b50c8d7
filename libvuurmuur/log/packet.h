// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::log {

/// What the headers of a packet say, as far as a log line tells it.
struct Packet {
  net::Address source{}, destination{};
  /// The last header that is known: behind the extension headers of IPv6 (RFC 8200).
  net::Protocol protocol{};
  /// TCP, UDP, UDP-Lite, SCTP and DCCP have them; nothing in a later fragment, and when they were not copied.
  struct Ports {
    std::uint16_t source = 0, destination = 0;
    bool operator==(const Ports&) const = default;
  };
  std::optional<Ports> ports{};
  std::optional<std::uint8_t> tcp_flags{};  ///< as in the header: FIN is 1, URG 32
  struct Icmp {
    std::uint8_t type = 0, code = 0;
    bool operator==(const Icmp&) const = default;
  };
  std::optional<Icmp> icmp{};  ///< of ICMP and ICMPv6
  std::uint32_t length = 0;    ///< bytes behind the IPv4 header, or behind the first 40 of IPv6; as the header says
  std::uint8_t ttl = 0;        ///< or hop limit
  bool is_later_fragment = false;

  [[nodiscard]] net::Family family() const { return source.family; }
  bool operator==(const Packet&) const = default;
};

/// From the first bytes of an IPv4 or IPv6 packet, of which there may be too few; nothing when not even the addresses are
/// there. No byte outside is read, whatever the headers claim.
[[nodiscard]] std::optional<Packet> read_packet(std::span<const std::uint8_t> bytes);

/// Six columns, URG, ACK, PSH, RST, SYN and FIN, each its letter or '*': "****S*" of the first packet of a connection.
[[nodiscard]] std::string tcp_flags_text(std::uint8_t flags);
[[nodiscard]] std::optional<std::uint8_t> tcp_flags_from(std::string_view text);

/// As the original's log has them: "TCP", "ICMPv6", "PROTO 132".
[[nodiscard]] std::string protocol_text(net::Protocol protocol);
[[nodiscard]] std::optional<net::Protocol> protocol_from(std::string_view text);

}  // namespace vuurmuur::log
