// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack_messages.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "apply/netlink_attributes.h"
#include "base/assert.h"

namespace vuurmuur::apply {
namespace {

/// Where a protocol's numbers are in CTA_TUPLE_PROTO.
struct IcmpAttributes {
  int id, type, code;
};
constexpr IcmpAttributes kIcmp{CTA_PROTO_ICMP_ID, CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE};
constexpr IcmpAttributes kIcmpv6{CTA_PROTO_ICMPV6_ID, CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE};

const IcmpAttributes* icmp_attributes(net::Protocol protocol) {
  if (protocol == net::Protocol::Icmp) return &kIcmp;
  if (protocol == net::Protocol::Icmpv6) return &kIcmpv6;
  return nullptr;
}

template <std::size_t N>
using Found = std::array<const nlattr*, N>;

/// The attributes of types below N by their type. Containers may lack NLA_F_NESTED, and only those are handed in.
template <std::size_t N>
Found<N> attributes_in(const void* begin, std::size_t size) {
  Found<N> found{};
  for_each_attribute(begin, static_cast<const char*>(begin) + size, [&](const nlattr* at) {
    if (mnl_attr_get_type(at) < N) found[mnl_attr_get_type(at)] = at;
  });
  return found;
}

template <std::size_t N>
Found<N> attributes_in(const nlattr* container) {
  if (container == nullptr) return {};
  return attributes_in<N>(mnl_attr_get_payload(container), mnl_attr_get_payload_len(container));
}

/// A number as it is in the message; 0 when it is missing or too short.
template <class T>
T raw(const nlattr* attribute) {
  T value{};
  if (attribute != nullptr && mnl_attr_get_payload_len(attribute) >= sizeof value)
    std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
  return value;
}

bool read_address(const nlattr* attribute, net::Family family, net::Address& address) {
  const std::size_t size = address_bits(family) / 8;
  if (attribute == nullptr || mnl_attr_get_payload_len(attribute) < size) return false;
  address.family = family;
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(attribute), size);
  return true;
}

std::optional<ConnectionTuple> read_tuple(const nlattr* container, net::Family family, bool& in_other_zone) {
  const auto parts = attributes_in<CTA_TUPLE_MAX + 1>(container);
  const auto ip = attributes_in<CTA_IP_MAX + 1>(parts[CTA_TUPLE_IP]);
  const auto proto = attributes_in<CTA_PROTO_MAX + 1>(parts[CTA_TUPLE_PROTO]);
  const bool v4 = family == net::Family::Ipv4;
  ConnectionTuple tuple;
  if (!read_address(ip[v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC], family, tuple.source) ||
      !read_address(ip[v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST], family, tuple.destination))
    return std::nullopt;
  tuple.protocol = static_cast<net::Protocol>(raw<std::uint8_t>(proto[CTA_PROTO_NUM]));
  tuple.source_port = ntohs(raw<std::uint16_t>(proto[CTA_PROTO_SRC_PORT]));
  tuple.destination_port = ntohs(raw<std::uint16_t>(proto[CTA_PROTO_DST_PORT]));
  if (const IcmpAttributes* icmp = icmp_attributes(tuple.protocol)) {
    tuple.icmp_identifier = ntohs(raw<std::uint16_t>(proto[static_cast<std::size_t>(icmp->id)]));
    tuple.icmp_type = raw<std::uint8_t>(proto[static_cast<std::size_t>(icmp->type)]);
    tuple.icmp_code = raw<std::uint8_t>(proto[static_cast<std::size_t>(icmp->code)]);
  }
  if (raw<std::uint16_t>(parts[CTA_TUPLE_ZONE]) != 0) in_other_zone = true;
  return tuple;
}

/// Writes one message into a buffer that is large enough for it.
class Writer {
 public:
  Writer(int command, int flags, std::uint8_t family, std::uint32_t sequence) {
    header_ = mnl_nlmsg_put_header(buffer_.data());
    header_->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | command);
    header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header_->nlmsg_seq = sequence;
    auto* general = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header_, sizeof(nfgenmsg)));
    general->nfgen_family = family;
    general->version = NFNETLINK_V0;
  }

  void put_tuple(const ConnectionTuple& tuple) {
    const bool v4 = tuple.source.family == net::Family::Ipv4;
    const std::size_t size = address_bits(tuple.source.family) / 8;
    nlattr* whole = open(CTA_TUPLE_ORIG);
    nlattr* ip = open(CTA_TUPLE_IP);
    mnl_attr_put(header_, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, size, tuple.source.bytes.data());
    mnl_attr_put(header_, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, size, tuple.destination.bytes.data());
    close(ip);
    nlattr* proto = open(CTA_TUPLE_PROTO);
    mnl_attr_put_u8(header_, CTA_PROTO_NUM, static_cast<std::uint8_t>(tuple.protocol));
    if (conntrack_has_ports(tuple.protocol)) {
      mnl_attr_put_u16(header_, CTA_PROTO_SRC_PORT, htons(tuple.source_port));
      mnl_attr_put_u16(header_, CTA_PROTO_DST_PORT, htons(tuple.destination_port));
    } else if (const IcmpAttributes* icmp = icmp_attributes(tuple.protocol)) {
      mnl_attr_put_u16(header_, static_cast<std::uint16_t>(icmp->id), htons(tuple.icmp_identifier));
      mnl_attr_put_u8(header_, static_cast<std::uint16_t>(icmp->type), tuple.icmp_type);
      mnl_attr_put_u8(header_, static_cast<std::uint16_t>(icmp->code), tuple.icmp_code);
    }
    close(proto);
    close(whole);
  }
  void put_u32(int type, std::uint32_t value) {
    mnl_attr_put_u32(header_, static_cast<std::uint16_t>(type), htonl(value));
  }
  void append_to(std::vector<char>& batch) const {
    VM_ASSERT(header_->nlmsg_len <= buffer_.size());
    batch.insert(batch.end(), buffer_.begin(), buffer_.begin() + header_->nlmsg_len);
  }

 private:
  nlattr* open(int type) { return mnl_attr_nest_start(header_, static_cast<std::uint16_t>(type)); }
  void close(nlattr* container) { mnl_attr_nest_end(header_, container); }

  alignas(nlmsghdr) std::array<char, 256> buffer_{};
  nlmsghdr* header_ = nullptr;
};

std::uint8_t family_number(net::Family family) { return family == net::Family::Ipv4 ? AF_INET : AF_INET6; }

}  // namespace

std::optional<LiveConnection> decode_connection(const nlmsghdr* message) {
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg))) return std::nullopt;
  const auto* general = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  if (general->nfgen_family != AF_INET && general->nfgen_family != AF_INET6) return std::nullopt;
  const net::Family family = general->nfgen_family == AF_INET ? net::Family::Ipv4 : net::Family::Ipv6;
  const auto found = attributes_in<CTA_MAX + 1>(mnl_nlmsg_get_payload_offset(message, sizeof(nfgenmsg)),
                                                mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(sizeof(nfgenmsg)));
  LiveConnection connection;
  const auto original = read_tuple(found[CTA_TUPLE_ORIG], family, connection.in_other_zone);
  const auto reply = read_tuple(found[CTA_TUPLE_REPLY], family, connection.in_other_zone);
  if (!original || !reply) return std::nullopt;
  connection.original = *original;
  connection.reply = *reply;
  connection.mark = ntohl(raw<std::uint32_t>(found[CTA_MARK]));
  connection.id = ntohl(raw<std::uint32_t>(found[CTA_ID]));
  if (raw<std::uint16_t>(found[CTA_ZONE]) != 0) connection.in_other_zone = true;
  if (found[CTA_TUPLE_MASTER] != nullptr) {
    bool ignored = false;
    connection.master = read_tuple(found[CTA_TUPLE_MASTER], family, ignored);
  }
  return connection;
}

void append_change(std::vector<char>& batch, const ConnectionChange& change, std::uint32_t sequence) {
  const std::uint8_t family = family_number(change.original.source.family);
  if (change.field) {
    // Without NLM_F_CREATE: only what is there is changed.
    Writer writer(IPCTNL_MSG_CT_NEW, 0, family, sequence);
    writer.put_tuple(change.original);
    writer.put_u32(CTA_MARK, *change.field & change.mask);
    writer.put_u32(CTA_MARK_MASK, change.mask);
    writer.append_to(batch);
  } else {
    // A request without a tuple would end all connections: put_tuple() writes one whatever is in it.
    Writer writer(IPCTNL_MSG_CT_DELETE, 0, family, sequence);
    writer.put_tuple(change.original);
    writer.put_u32(CTA_ID, change.id);
    writer.append_to(batch);
  }
}

std::vector<char> listing_request(std::uint32_t sequence) {
  std::vector<char> request;
  Writer(IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC, sequence).append_to(request);
  return request;
}

}  // namespace vuurmuur::apply
