// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/packet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace vuurmuur::log {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Protocol numbers of IANA that net::Protocol has no name for.
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51, kDestination = 60,
                       kMobility = 135, kHostIdentity = 139, kShim6 = 140;
constexpr std::uint8_t kDccp = 33, kSctp = 132, kUdpLite = 136;

std::uint16_t number16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

net::Address address_at(Bytes bytes, std::size_t at, net::Family family) {
  net::Address address{.family = family, .bytes = {}};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), net::address_bits(family) / 8, address.bytes.begin());
  return address;
}

bool is_extension(std::uint8_t header) {
  switch (header) {
    case kHopByHop:
    case kRouting:
    case kFragment:
    case kAuthentication:
    case kDestination:
    case kMobility:
    case kHostIdentity:
    case kShim6: return true;
    default: return false;
  }
}

void read_transport(Bytes bytes, Packet& packet) {
  const auto number = static_cast<std::uint8_t>(packet.protocol);
  switch (number) {
    case static_cast<std::uint8_t>(net::Protocol::Icmp):
    case static_cast<std::uint8_t>(net::Protocol::Icmpv6):
      if (bytes.size() >= 2) packet.icmp = Packet::Icmp{bytes[0], bytes[1]};
      return;
    case static_cast<std::uint8_t>(net::Protocol::Tcp):
      if (bytes.size() >= 14) packet.tcp_flags = bytes[13] & 0x3f;
      [[fallthrough]];
    case static_cast<std::uint8_t>(net::Protocol::Udp):
    case kDccp:
    case kSctp:
    case kUdpLite:
      if (bytes.size() >= 4) packet.ports = Packet::Ports{number16(bytes, 0), number16(bytes, 2)};
      return;
    default: return;
  }
}

std::optional<Packet> read_ipv4(Bytes bytes) {
  constexpr std::size_t kHeader = 20;
  if (bytes.size() < kHeader) return std::nullopt;
  const std::size_t header = std::size_t{4} * (bytes[0] & 15);
  const std::size_t total = number16(bytes, 2);
  Packet packet{.source = address_at(bytes, 12, net::Family::Ipv4),
                .destination = address_at(bytes, 16, net::Family::Ipv4),
                .protocol = static_cast<net::Protocol>(bytes[9]),
                .length = static_cast<std::uint32_t>(total > header ? total - header : 0),
                .ttl = bytes[8],
                .is_later_fragment = (number16(bytes, 6) & 0x1fff) != 0};
  if (header < kHeader || packet.is_later_fragment || bytes.size() <= header) return packet;
  read_transport(bytes.subspan(header), packet);
  return packet;
}

std::optional<Packet> read_ipv6(Bytes bytes) {
  constexpr std::size_t kHeader = 40;
  if (bytes.size() < kHeader) return std::nullopt;
  Packet packet{.source = address_at(bytes, 8, net::Family::Ipv6),
                .destination = address_at(bytes, 24, net::Family::Ipv6),
                .protocol = {},
                .length = number16(bytes, 4),
                .ttl = bytes[7]};
  std::uint8_t next = bytes[6];
  std::size_t at = kHeader;
  // Each turn is at least eight bytes further on.
  while (is_extension(next) && bytes.size() >= at + 8) {
    const std::uint8_t header = next;
    next = bytes[at];
    if (header == kFragment) {
      packet.is_later_fragment = (number16(bytes, at + 2) & 0xfff8) != 0;
      at += 8;
      if (packet.is_later_fragment) break;
    } else if (header == kAuthentication) {
      at += std::size_t{4} * (bytes[at + 1] + 2u);  // RFC 4302: in words of four bytes, less two
    } else {
      at += std::size_t{8} * (bytes[at + 1] + 1u);
    }
  }
  packet.protocol = static_cast<net::Protocol>(next);
  if (!packet.is_later_fragment && at < bytes.size()) read_transport(bytes.subspan(at), packet);
  return packet;
}

constexpr std::string_view kFlagLetters = "UAPRSF";

struct ProtocolWord {
  net::Protocol protocol;
  std::string_view word;
};
constexpr std::array kProtocolWords{
    ProtocolWord{net::Protocol::Tcp, "TCP"},       ProtocolWord{net::Protocol::Udp, "UDP"},
    ProtocolWord{net::Protocol::Icmp, "ICMP"},     ProtocolWord{net::Protocol::Gre, "GRE"},
    ProtocolWord{net::Protocol::Esp, "ESP"},       ProtocolWord{net::Protocol::Ah, "AH"},
    ProtocolWord{net::Protocol::Icmpv6, "ICMPv6"},
};

}  // namespace

std::optional<Packet> read_packet(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes[0] >> 4) {
    case 4: return read_ipv4(bytes);
    case 6: return read_ipv6(bytes);
    default: return std::nullopt;
  }
}

std::string tcp_flags_text(std::uint8_t flags) {
  std::string text(kFlagLetters.size(), '*');
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((flags & 0x20 >> i) != 0) text[i] = kFlagLetters[i];
  return text;
}

std::optional<std::uint8_t> tcp_flags_from(std::string_view text) {
  if (text.size() != kFlagLetters.size()) return std::nullopt;
  unsigned flags = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kFlagLetters[i])
      flags |= 0x20u >> i;
    else if (text[i] != '*')
      return std::nullopt;
  }
  return static_cast<std::uint8_t>(flags);
}

std::string protocol_text(net::Protocol protocol) {
  for (const ProtocolWord& each : kProtocolWords)
    if (each.protocol == protocol) return std::string(each.word);
  return fmt::format("PROTO {}", static_cast<unsigned>(protocol));
}

std::optional<net::Protocol> protocol_from(std::string_view text) {
  for (const ProtocolWord& each : kProtocolWords)
    if (each.word == text) return each.protocol;
  constexpr std::string_view kNumber = "PROTO ";
  if (!text.starts_with(kNumber)) return std::nullopt;
  const auto number = base::parse_number<std::uint8_t>(text.substr(kNumber.size()));
  if (!number) return std::nullopt;
  return static_cast<net::Protocol>(*number);
}

}  // namespace vuurmuur::log
