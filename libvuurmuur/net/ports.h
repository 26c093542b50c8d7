// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace vuurmuur::net {

/// Ports first..last, both included, 0..65535.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 65535;

  [[nodiscard]] static constexpr PortRange any() { return {0, 65535}; }
  [[nodiscard]] static constexpr PortRange one(std::uint16_t port) { return {port, port}; }
  [[nodiscard]] constexpr bool is_any() const { return first == 0 && last == 65535; }
  [[nodiscard]] constexpr bool contains(std::uint16_t port) const { return first <= port && port <= last; }
  /// "80" or "80:90", as iptables writes it.
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const PortRange&) const = default;
};

/// An IP protocol number (IANA "Assigned Internet Protocol Numbers").
enum class Protocol : std::uint8_t { Icmp = 1, Tcp = 6, Udp = 17, Ipv6 = 41, Gre = 47, Esp = 50, Ah = 51, Icmpv6 = 58 };

/// Name in lower case as iptables-save writes it with the protocols it knows by itself ("tcp", "ipv6-icmp"), else the
/// number.
[[nodiscard]] std::string to_string(Protocol protocol);

/// Whether the protocol has ports that Vuurmuur matches: TCP and UDP.
[[nodiscard]] constexpr bool has_ports(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp;
}

}  // namespace vuurmuur::net
