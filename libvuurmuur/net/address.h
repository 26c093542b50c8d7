// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::net {

enum class Family : std::uint8_t { Ipv4, Ipv6 };

inline constexpr std::array<Family, 2> kFamilies{Family::Ipv4, Family::Ipv6};

/// Bits in an address: 32 or 128.
[[nodiscard]] constexpr unsigned address_bits(Family family) { return family == Family::Ipv4 ? 32 : 128; }

/// An IPv4 or IPv6 address. Bytes are in network order; an IPv4 address fills the first four, the rest are zero.
struct Address {
  Family family = Family::Ipv4;
  std::array<std::uint8_t, 16> bytes{};

  /// Reads "192.0.2.1" (four decimal numbers, no leading zeros) or an IPv6 address in any form of RFC 4291.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);
  /// From an IPv4 address in host byte order.
  [[nodiscard]] static Address ipv4(std::uint32_t host_order);

  /// Dotted, or the canonical form of RFC 5952.
  [[nodiscard]] std::string to_string() const;
  /// An IPv4 address in host byte order; 0 for IPv6.
  [[nodiscard]] std::uint32_t to_ipv4() const;

  auto operator<=>(const Address&) const = default;
};

/// An address and the number of its leading bits that count. The other bits may be set (an interface's address in
/// its network); network() clears them.
struct Prefix {
  Address address;
  std::uint8_t length = 0;

  /// Reads "ADDRESS/LENGTH", IPv4 "ADDRESS/NETMASK", or an address alone (the whole length).
  [[nodiscard]] static std::optional<Prefix> parse(std::string_view text);
  /// A prefix of one address.
  [[nodiscard]] static Prefix host(const Address& address);

  [[nodiscard]] Family family() const { return address.family; }
  /// The same prefix with the bits behind its length cleared.
  [[nodiscard]] Prefix network() const;
  /// The netmask as an address of the same family.
  [[nodiscard]] Address netmask() const;
  /// The highest address in it; for IPv4 the broadcast address (RFC 919).
  [[nodiscard]] Address last() const;
  [[nodiscard]] bool contains(const Address& other) const;
  [[nodiscard]] bool contains(const Prefix& other) const;
  /// Length 0: every address of the family.
  [[nodiscard]] bool is_any() const { return length == 0; }
  /// "192.0.2.0/24"; always with the length.
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const Prefix&) const = default;
};

/// The length of a contiguous IPv4 netmask ("255.255.255.0" is 24); nothing when it has holes.
[[nodiscard]] std::optional<std::uint8_t> netmask_length(const Address& mask);

/// An Ethernet address, six bytes.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  /// Reads "00:11:22:aa:bb:cc" (case ignored).
  [[nodiscard]] static std::optional<MacAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const MacAddress&) const = default;
};

}  // namespace vuurmuur::net
