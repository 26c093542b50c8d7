// SPDX-License-Identifier: GPL-2.0-or-later
#include "lab/packet.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace vuurmuur::lab {
namespace {

constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40, kTcpHeader = 20, kUdpHeader = 8, kIcmpHeader = 8;
constexpr std::size_t kQuotedBytes = 512;  // well under the smallest MTU of IPv6, 1280

void put16(Bytes& out, std::size_t at, unsigned value) {
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& out, std::size_t at, std::uint32_t value) {
  put16(out, at, value >> 16);
  put16(out, at + 2, value & 0xffff);
}

std::uint16_t get16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}

std::uint32_t get32(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint32_t>(get16(in, at)) << 16 | get16(in, at + 2);
}

/// The Internet checksum (RFC 1071) of some bytes, going on from a sum.
std::uint32_t add_up(std::span<const std::uint8_t> bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += i % 2 == 0 ? static_cast<std::uint32_t>(bytes[i] << 8) : bytes[i];
  return sum;
}

std::uint16_t finish(std::uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::size_t address_size(net::Family family) { return net::address_bits(family) / 8; }

std::span<const std::uint8_t> address_bytes(const net::Address& address) {
  return std::span(address.bytes).first(address_size(address.family));
}

std::uint32_t pseudo_header_sum(const Packet& packet, std::size_t length) {
  std::uint32_t sum = add_up(address_bytes(packet.source));
  sum = add_up(address_bytes(packet.destination), sum);
  return sum + static_cast<std::uint32_t>(length) + static_cast<std::uint32_t>(packet.protocol);
}

/// Hop-by-hop, routing, fragment and destination options (RFC 8200 section 4).
bool is_extension_header(std::uint8_t next) { return next == 0 || next == 43 || next == 44 || next == 60; }

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

std::size_t checksum_place(net::Protocol protocol) {
  if (protocol == net::Protocol::Tcp) return 16;
  if (protocol == net::Protocol::Udp) return 6;
  return 2;
}

std::size_t header_size(net::Protocol protocol) {
  if (protocol == net::Protocol::Tcp) return kTcpHeader;
  if (protocol == net::Protocol::Udp) return kUdpHeader;
  return is_icmp(protocol) ? kIcmpHeader : 0;
}

Bytes transport(const Packet& packet) {
  const std::size_t header = header_size(packet.protocol);
  Bytes out(header);
  out.insert(out.end(), packet.payload.begin(), packet.payload.end());
  if (header == 0) return out;
  if (net::has_ports(packet.protocol)) {
    put16(out, 0, packet.source_port);
    put16(out, 2, packet.destination_port);
  }
  if (packet.protocol == net::Protocol::Tcp) {
    put32(out, 4, packet.sequence);
    put32(out, 8, packet.acknowledgement);
    out[12] = kTcpHeader / 4 << 4;
    out[13] = packet.tcp_flags;
    put16(out, 14, 65535);
  } else if (packet.protocol == net::Protocol::Udp) {
    put16(out, 4, static_cast<unsigned>(out.size()));
  } else {
    out[0] = packet.icmp_type;
    out[1] = packet.icmp_code;
    put16(out, 4, packet.icmp_id);
    put16(out, 6, packet.icmp_sequence);
  }
  // ICMP for IPv4 has no pseudo header in its sum (RFC 792), ICMPv6 has (RFC 4443 section 2.3).
  const std::uint32_t start = packet.protocol == net::Protocol::Icmp ? 0 : pseudo_header_sum(packet, out.size());
  const std::uint16_t sum = finish(add_up(out, start));
  put16(out, checksum_place(packet.protocol), packet.wrong_checksum ? sum ^ 0x5555u : sum);
  return out;
}

void read_transport(std::span<const std::uint8_t> in, Packet& packet) {
  if (net::has_ports(packet.protocol)) {
    packet.source_port = get16(in, 0);
    packet.destination_port = get16(in, 2);
  }
  std::size_t header = header_size(packet.protocol);
  if (packet.protocol == net::Protocol::Tcp) {
    packet.sequence = get32(in, 4);
    packet.acknowledgement = get32(in, 8);
    packet.tcp_flags = in[13] & 0x3f;
    header = std::min<std::size_t>(in.size(), static_cast<std::size_t>(in[12] >> 4) * 4);
  } else if (is_icmp(packet.protocol)) {
    packet.icmp_type = in[0];
    packet.icmp_code = in[1];
    packet.icmp_id = get16(in, 4);
    packet.icmp_sequence = get16(in, 6);
  }
  packet.payload.assign(in.begin() + static_cast<std::ptrdiff_t>(header), in.end());
}

std::string flag_letters(std::uint8_t flags) {
  std::string letters;
  for (unsigned bit = 0; bit < 6; ++bit)
    if (flags >> bit & 1) letters += "FSRPAU"[bit];
  return letters.empty() ? "none" : letters;
}

}  // namespace

Packet Packet::reversed() const {
  Packet back;
  back.source = destination;
  back.destination = source;
  back.protocol = protocol;
  back.source_port = destination_port;
  back.destination_port = source_port;
  back.icmp_id = icmp_id;
  back.icmp_sequence = icmp_sequence;
  if (icmp_type == 128) back.icmp_type = 129;
  return back;
}

std::string Packet::to_string() const {
  const std::string name = net::to_string(protocol);
  if (net::has_ports(protocol)) {
    std::string text = fmt::format("{} {}:{} > {}:{}", name, source.to_string(), source_port, destination.to_string(),
                                   destination_port);
    if (protocol == net::Protocol::Tcp) text += fmt::format(" [{}]", flag_letters(tcp_flags));
    return text;
  }
  std::string text = fmt::format("{} {} > {}", name, source.to_string(), destination.to_string());
  if (is_icmp(protocol)) text += fmt::format(" type {} code {}", icmp_type, icmp_code);
  return text;
}

Bytes encode(const Packet& packet) {
  VM_ASSERT(packet.source.family == packet.destination.family);
  const Bytes body = transport(packet);
  Bytes out;
  if (packet.family() == net::Family::Ipv4) {
    out.resize(kIpv4Header);
    out[0] = 0x45;
    put16(out, 2, static_cast<unsigned>(kIpv4Header + body.size()));
    out[8] = packet.hop_limit;
    out[9] = static_cast<std::uint8_t>(packet.protocol);
    std::copy_n(packet.source.bytes.begin(), 4, out.begin() + 12);
    std::copy_n(packet.destination.bytes.begin(), 4, out.begin() + 16);
    put16(out, 10, finish(add_up(out)));
  } else {
    out.resize(kIpv6Header);
    out[0] = 0x60;
    put16(out, 4, static_cast<unsigned>(body.size()));
    out[6] = static_cast<std::uint8_t>(packet.protocol);
    out[7] = packet.hop_limit;
    std::copy_n(packet.source.bytes.begin(), 16, out.begin() + 8);
    std::copy_n(packet.destination.bytes.begin(), 16, out.begin() + 24);
  }
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::optional<Packet> decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kIpv4Header) return std::nullopt;
  Packet packet;
  std::size_t header = kIpv6Header, total = 0;
  if (bytes[0] >> 4 == 4) {
    header = static_cast<std::size_t>(bytes[0] & 15) * 4;
    total = get16(bytes, 2);
    if ((get16(bytes, 6) & 0x3fff) != 0) return std::nullopt;
    packet.hop_limit = bytes[8];
    packet.protocol = static_cast<net::Protocol>(bytes[9]);
    packet.source.family = packet.destination.family = net::Family::Ipv4;
    std::copy_n(bytes.begin() + 12, 4, packet.source.bytes.begin());
    std::copy_n(bytes.begin() + 16, 4, packet.destination.bytes.begin());
  } else {
    if (bytes.size() < kIpv6Header || bytes[0] >> 4 != 6 || is_extension_header(bytes[6])) return std::nullopt;
    total = kIpv6Header + get16(bytes, 4);
    packet.hop_limit = bytes[7];
    packet.protocol = static_cast<net::Protocol>(bytes[6]);
    packet.source.family = packet.destination.family = net::Family::Ipv6;
    std::copy_n(bytes.begin() + 8, 16, packet.source.bytes.begin());
    std::copy_n(bytes.begin() + 24, 16, packet.destination.bytes.begin());
  }
  if (bytes.size() < total || total < header) return std::nullopt;
  const auto body = bytes.subspan(header, total - header);
  if (body.size() < header_size(packet.protocol)) return std::nullopt;
  read_transport(body, packet);
  return packet;
}

Packet port_unreachable(const Packet& about, const net::Address& from) {
  Packet error;
  error.source = from;
  error.destination = about.source;
  const bool v4 = about.family() == net::Family::Ipv4;
  error.protocol = v4 ? net::Protocol::Icmp : net::Protocol::Icmpv6;
  error.icmp_type = v4 ? 3 : 1;
  error.icmp_code = v4 ? 3 : 4;
  error.payload = encode(about);
  if (error.payload.size() > kQuotedBytes) error.payload.resize(kQuotedBytes);
  return error;
}

}  // namespace vuurmuur::lab
