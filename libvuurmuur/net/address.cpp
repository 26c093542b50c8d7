// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/strings.h"

namespace vuurmuur::net {
namespace {

/// A byte of which the first `count` bits are set, at most 7.
constexpr std::uint8_t leading_bits(unsigned count) { return static_cast<std::uint8_t>(0xff00u >> count); }

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string copy(text);
  Address result;
  if (::inet_pton(AF_INET, copy.c_str(), result.bytes.data()) == 1) return result;
  result.family = Family::Ipv6;
  if (::inet_pton(AF_INET6, copy.c_str(), result.bytes.data()) == 1) return result;
  return std::nullopt;
}

Address Address::ipv4(std::uint32_t host_order) {
  Address result;
  for (unsigned i = 0; i < 4; ++i) result.bytes[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return result;
}

std::string Address::to_string() const {
  char text[INET6_ADDRSTRLEN];
  ::inet_ntop(family == Family::Ipv4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::uint32_t Address::to_ipv4() const {
  if (family != Family::Ipv4) return 0;
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value = value << 8 | bytes[i];
  return value;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return host(*address);
  const std::string_view rest = text.substr(slash + 1);
  if (const auto length = base::parse_number<unsigned>(rest)) {
    if (*length > address_bits(address->family)) return std::nullopt;
    return Prefix{*address, static_cast<std::uint8_t>(*length)};
  }
  const auto mask = Address::parse(rest);
  if (address->family != Family::Ipv4 || !mask || mask->family != Family::Ipv4) return std::nullopt;
  const auto length = netmask_length(*mask);
  if (!length) return std::nullopt;
  return Prefix{*address, *length};
}

Prefix Prefix::host(const Address& address) {
  return Prefix{address, static_cast<std::uint8_t>(address_bits(address.family))};
}

Address Prefix::netmask() const {
  Address mask{.family = address.family};
  const unsigned whole = length / 8u;
  std::fill_n(mask.bytes.begin(), whole, std::uint8_t{0xff});
  if (whole < mask.bytes.size()) mask.bytes[whole] = leading_bits(length % 8u);
  return mask;
}

Prefix Prefix::network() const {
  Prefix result = *this;
  const unsigned whole = length / 8u;
  if (whole == result.address.bytes.size()) return result;
  result.address.bytes[whole] &= leading_bits(length % 8u);
  std::fill(result.address.bytes.begin() + whole + 1, result.address.bytes.end(), std::uint8_t{0});
  return result;
}

Address Prefix::last() const {
  const Address mask = netmask();
  Address result = address;
  for (std::size_t i = 0; i < address_bits(address.family) / 8; ++i)
    result.bytes[i] = static_cast<std::uint8_t>(result.bytes[i] | ~mask.bytes[i]);
  return result;
}

bool Prefix::contains(const Address& other) const {
  const unsigned whole = length / 8u;
  if (other.family != address.family || std::memcmp(other.bytes.data(), address.bytes.data(), whole) != 0) return false;
  return length % 8u == 0 || ((other.bytes[whole] ^ address.bytes[whole]) & leading_bits(length % 8u)) == 0;
}

bool Prefix::contains(const Prefix& other) const { return other.length >= length && contains(other.address); }

std::string Prefix::to_string() const { return fmt::format("{}/{}", address.to_string(), length); }

std::optional<std::uint8_t> netmask_length(const Address& mask) {
  if (mask.family != Family::Ipv4) return std::nullopt;
  const std::uint32_t bits = mask.to_ipv4();
  for (unsigned length = 0; length <= 32; ++length) {
    const std::uint32_t wanted = length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
    if (bits == wanted) return static_cast<std::uint8_t>(length);
  }
  return std::nullopt;
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  const auto pieces = base::split(text, ':');
  if (pieces.size() != 6) return std::nullopt;
  MacAddress result;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = base::parse_number<std::uint8_t>(pieces[i], 16);
    if (pieces[i].size() != 2 || !byte) return std::nullopt;
    result.bytes[i] = *byte;
  }
  return result;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                     bytes[5]);
}

}  // namespace vuurmuur::net
