// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace vuurmuur::net {

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
  for (unsigned bit = 0; bit < length; ++bit) mask.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80u >> bit % 8);
  return mask;
}

Prefix Prefix::network() const {
  const Address mask = netmask();
  Prefix result = *this;
  for (std::size_t i = 0; i < mask.bytes.size(); ++i) result.address.bytes[i] &= mask.bytes[i];
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
  return other.family == address.family && Prefix{other, length}.network().address == network().address;
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
