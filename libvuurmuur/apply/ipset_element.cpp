// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/ipset_element.h"

#include "apply/ipset_attributes.h"

namespace vuurmuur::apply {
namespace {

std::optional<net::Prefix> prefix_of(const ElementAttributes& element, int address, int length) {
  const AddressAttributes of_family(element[address]);
  for (const net::Family family : net::kFamilies) {
    const bool is_ipv4 = family == net::Family::Ipv4;
    const nlattr* bytes = of_family[is_ipv4 ? IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6];
    if (bytes == nullptr || mnl_attr_get_payload_len(bytes) < net::address_bits(family) / 8) continue;
    net::Address found{.family = family};
    std::memcpy(found.bytes.data(), mnl_attr_get_payload(bytes), net::address_bits(family) / 8);
    if (element[length] == nullptr) return net::Prefix::host(found);
    return net::Prefix{.address = found, .length = mnl_attr_get_u8(element[length])};
  }
  return std::nullopt;
}

void put_prefix(IpsetRequest& request, const net::Prefix& prefix, int address, int length) {
  const bool is_ipv4 = prefix.family() == net::Family::Ipv4;
  nlattr* const container = request.open(address);
  request.put_bytes((is_ipv4 ? IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6) | NLA_F_NET_BYTEORDER,
                    prefix.address.bytes.data(), net::address_bits(prefix.family()) / 8);
  request.close(container);
  if (prefix.length != net::address_bits(prefix.family())) request.put_u8(length, prefix.length);
}

}  // namespace

void put_element(IpsetRequest& request, const ir::SetElement& element, std::uint32_t line,
                 const ElementExtras& extras) {
  const ir::SetElement placed = by_place(element);
  nlattr* const data = request.open(IPSET_ATTR_DATA);
  if (placed.source) put_prefix(request, *placed.source, IPSET_ATTR_IP, IPSET_ATTR_CIDR);
  if (placed.destination) put_prefix(request, *placed.destination, IPSET_ATTR_IP2, IPSET_ATTR_CIDR2);
  if (element.port) {
    request.put_u16(IPSET_ATTR_PORT, element.port->port);
    request.put_u8(IPSET_ATTR_PROTO, static_cast<std::uint8_t>(element.port->protocol));
  }
  if (extras.counters != nullptr) {
    request.put_u64(IPSET_ATTR_BYTES, extras.counters->bytes);
    request.put_u64(IPSET_ATTR_PACKETS, extras.counters->packets);
  }
  if (extras.timeout) request.put_u32(IPSET_ATTR_TIMEOUT, *extras.timeout);
  if (!extras.comment.empty()) request.put_text(IPSET_ATTR_COMMENT, extras.comment);
  request.put_line(IPSET_ATTR_LINENO, line);
  request.close(data);
}

SetMember read_member(const nlattr* container) {
  const ElementAttributes element(container);
  SetMember member;
  member.element.source = prefix_of(element, IPSET_ATTR_IP, IPSET_ATTR_CIDR);
  member.element.destination = prefix_of(element, IPSET_ATTR_IP2, IPSET_ATTR_CIDR2);
  if (element[IPSET_ATTR_PORT] != nullptr && element[IPSET_ATTR_PROTO] != nullptr)
    member.element.port =
        ir::ProtocolPort{.protocol = static_cast<net::Protocol>(mnl_attr_get_u8(element[IPSET_ATTR_PROTO])),
                         .port = element.number<std::uint16_t>(IPSET_ATTR_PORT)};
  member.counters = {.packets = element.number<std::uint64_t>(IPSET_ATTR_PACKETS),
                     .bytes = element.number<std::uint64_t>(IPSET_ATTR_BYTES)};
  member.comment = element.text(IPSET_ATTR_COMMENT);
  return member;
}

}  // namespace vuurmuur::apply
