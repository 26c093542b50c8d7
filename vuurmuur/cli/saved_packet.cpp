// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/saved_packet.h"

#include <fmt/format.h>

namespace vuurmuur::cli {
namespace {

/// Of those that a client may have.
constexpr std::uint16_t kUsualSourcePort = 40000;

std::expected<net::Address, std::string> read_address(const Arguments& arguments, std::string_view option) {
  const auto text = arguments.value(option);
  if (!text)
    return std::unexpected(
        fmt::format("with '--iptables-save' an address is needed for '--{}': such rules know no names", option));
  const auto address = net::Address::parse(*text);
  if (!address)
    return std::unexpected(
        fmt::format("option '--{}': expected an address, not '{}': such rules know no names", option, *text));
  return *address;
}

}  // namespace

std::expected<saved::Packet, std::string> read_saved_packet(const Arguments& arguments,
                                                            const std::vector<model::PortSet>& sets) {
  const auto source = read_address(arguments, "src"), destination = read_address(arguments, "dst");
  if (!source) return std::unexpected(source.error());
  if (!destination) return std::unexpected(destination.error());
  if (source->family != destination->family) return std::unexpected("one address is of IPv4 and the other of IPv6");
  const auto in = arguments.value("in"), out = arguments.value("out");
  if (!in && !out)
    return std::unexpected(
        "with '--iptables-save' a device is needed: '--in' of a packet to this machine, '--out' of one from it, both "
        "of one through it");
  saved::Packet packet{.way = in && out ? saved::Way::Through
                              : in      ? saved::Way::In
                                        : saved::Way::Out,
                       .in = in.value_or(""),
                       .out = out.value_or(""),
                       .source = *source,
                       .destination = *destination,
                       .source_port = kUsualSourcePort};
  if (sets.empty())
    return std::unexpected("with '--iptables-save' a protocol is needed: '--proto', and '--dport' of one with ports");
  const model::PortSet& set = sets.front();
  packet.protocol = static_cast<std::uint8_t>(set.protocol);
  if (set.protocol == net::Protocol::Icmp && source->family == net::Family::Ipv6)
    packet.protocol = static_cast<std::uint8_t>(net::Protocol::Icmpv6);
  if (net::has_ports(set.protocol) && set.destination.is_any())
    return std::unexpected("with '--iptables-save' a port is needed: '--dport'");
  const bool has_source = set.source.first != 0 || set.source.last != 65535;
  packet.source_port = has_source ? set.source.first : kUsualSourcePort;
  packet.destination_port = set.destination.first;
  packet.icmp_type = set.icmp_type.value_or(source->family == net::Family::Ipv4 ? 8 : 128);
  packet.icmp_code = set.icmp_code.value_or(0);
  return packet;
}

}  // namespace vuurmuur::cli
