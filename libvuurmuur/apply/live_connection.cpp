// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/live_connection.h"

#include <fmt/format.h>

#include <cstring>

namespace vuurmuur::apply {
namespace {

/// IANA "Assigned Internet Protocol Numbers".
constexpr std::uint8_t kDccp = 33, kSctp = 132, kUdpLite = 136;

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

std::string end(const net::Address& address, net::Protocol protocol, std::uint16_t port) {
  const std::string text = address.to_string();
  if (!conntrack_has_ports(protocol)) return text;
  return address.family == net::Family::Ipv4 ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  // The multiplier of splitmix64's last step.
  hash = (hash ^ value) * 0x94d049bb133111ebULL;
  return hash ^ hash >> 29;
}

std::uint64_t hash_of(const net::Address& address, std::uint64_t hash) {
  std::uint64_t halves[2];
  std::memcpy(halves, address.bytes.data(), sizeof halves);
  return mixed(mixed(hash + static_cast<std::uint64_t>(address.family), halves[0]), halves[1]);
}

}  // namespace

bool conntrack_has_ports(net::Protocol protocol) {
  const auto number = static_cast<std::uint8_t>(protocol);
  return net::has_ports(protocol) || protocol == net::Protocol::Gre || number == kDccp || number == kSctp ||
         number == kUdpLite;
}

std::string to_string(const LiveConnection& connection) {
  const ConnectionTuple& original = connection.original;
  const ConnectionTuple& reply = connection.reply;
  const net::Protocol protocol = original.protocol;
  const std::string from = end(original.source, protocol, original.source_port);
  const std::string to = end(original.destination, protocol, original.destination_port);
  std::string text = fmt::format("{} {} > {}", net::to_string(protocol), from, to);
  if (is_icmp(protocol)) text += fmt::format(" type {} code {}", original.icmp_type, original.icmp_code);
  if (const std::string sent_to = end(reply.source, protocol, reply.source_port); sent_to != to)
    text += ", to " + sent_to;
  if (const std::string seen_as = end(reply.destination, protocol, reply.destination_port); seen_as != from)
    text += ", as " + seen_as;
  return text;
}

std::size_t HashAddress::operator()(const net::Address& address) const { return hash_of(address, 0); }

std::size_t HashTuple::operator()(const ConnectionTuple& tuple) const {
  std::uint64_t hash = hash_of(tuple.destination, hash_of(tuple.source, static_cast<std::uint64_t>(tuple.protocol)));
  hash = mixed(hash, std::uint64_t{tuple.source_port} << 16 | tuple.destination_port);
  return mixed(hash,
               std::uint64_t{tuple.icmp_identifier} << 16 | std::uint64_t{tuple.icmp_type} << 8 | tuple.icmp_code);
}

}  // namespace vuurmuur::apply
