// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack_messages.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "apply/conntrack_attributes.h"
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
  tuple.protocol = static_cast<net::Protocol>(raw_number<std::uint8_t>(proto[CTA_PROTO_NUM]));
  tuple.source_port = ntohs(raw_number<std::uint16_t>(proto[CTA_PROTO_SRC_PORT]));
  tuple.destination_port = ntohs(raw_number<std::uint16_t>(proto[CTA_PROTO_DST_PORT]));
  if (const IcmpAttributes* icmp = icmp_attributes(tuple.protocol)) {
    tuple.icmp_identifier = ntohs(raw_number<std::uint16_t>(proto[static_cast<std::size_t>(icmp->id)]));
    tuple.icmp_type = raw_number<std::uint8_t>(proto[static_cast<std::size_t>(icmp->type)]);
    tuple.icmp_code = raw_number<std::uint8_t>(proto[static_cast<std::size_t>(icmp->code)]);
  }
  if (raw_number<std::uint16_t>(parts[CTA_TUPLE_ZONE]) != 0) in_other_zone = true;
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

/// The family and the attributes of a message about an entry.
struct Message {
  net::Family family = net::Family::Ipv4;
  FoundAttributes<CTA_MAX + 1> found{};
};

/// Nothing for what has no addresses that we know.
std::optional<Message> attributes_of(const nlmsghdr* message) {
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof(nfgenmsg))) return std::nullopt;
  const auto* general = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  if (general->nfgen_family != AF_INET && general->nfgen_family != AF_INET6) return std::nullopt;
  return Message{.family = general->nfgen_family == AF_INET ? net::Family::Ipv4 : net::Family::Ipv6,
                 .found = attributes_in<CTA_MAX + 1>(mnl_nlmsg_get_payload_offset(message, sizeof(nfgenmsg)),
                                                     mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(sizeof(nfgenmsg)))};
}

std::optional<LiveConnection> connection_in(const Message& message) {
  const auto& found = message.found;
  LiveConnection connection;
  const auto original = read_tuple(found[CTA_TUPLE_ORIG], message.family, connection.in_other_zone);
  const auto reply = read_tuple(found[CTA_TUPLE_REPLY], message.family, connection.in_other_zone);
  if (!original || !reply) return std::nullopt;
  connection.original = *original;
  connection.reply = *reply;
  connection.mark = ntohl(raw_number<std::uint32_t>(found[CTA_MARK]));
  connection.id = ntohl(raw_number<std::uint32_t>(found[CTA_ID]));
  if (raw_number<std::uint16_t>(found[CTA_ZONE]) != 0) connection.in_other_zone = true;
  if (found[CTA_TUPLE_MASTER] != nullptr) {
    bool ignored = false;
    connection.master = read_tuple(found[CTA_TUPLE_MASTER], message.family, ignored);
  }
  return connection;
}

Traffic traffic_in(const nlattr* container) {
  if (container == nullptr) return {};
  const auto found = attributes_in<CTA_COUNTERS_MAX + 1>(container);
  return {.packets = be64toh(raw_number<std::uint64_t>(found[CTA_COUNTERS_PACKETS])),
          .bytes = be64toh(raw_number<std::uint64_t>(found[CTA_COUNTERS_BYTES]))};
}

/// A name that the kernel or a helper in user space made up: without what a terminal would obey.
std::string name_in(const nlattr* attribute) {
  constexpr std::size_t kMost = 16;  // NF_CT_HELPER_NAME_LEN of net/netfilter/nf_conntrack_helper.h
  std::string name;
  if (attribute == nullptr) return name;
  const auto* text = static_cast<const char*>(mnl_attr_get_payload(attribute));
  for (std::size_t i = 0; i < std::min<std::size_t>(mnl_attr_get_payload_len(attribute), kMost) && text[i] != 0; ++i)
    name += text[i] > 0x20 && text[i] < 0x7f ? text[i] : '?';
  return name;
}

}  // namespace

std::optional<LiveConnection> decode_connection(const nlmsghdr* message) {
  const auto read = attributes_of(message);
  return read ? connection_in(*read) : std::nullopt;
}

std::optional<TrackedConnection> decode_tracked(const nlmsghdr* message) {
  const auto read = attributes_of(message);
  auto connection = read ? connection_in(*read) : std::nullopt;
  if (!connection) return std::nullopt;
  const auto& found = read->found;
  TrackedConnection tracked{.connection = *std::move(connection),
                            .to = traffic_in(found[CTA_COUNTERS_ORIG]),
                            .back = traffic_in(found[CTA_COUNTERS_REPLY]),
                            .status = ntohl(raw_number<std::uint32_t>(found[CTA_STATUS])),
                            .seconds_left = ntohl(raw_number<std::uint32_t>(found[CTA_TIMEOUT]))};
  const auto info = attributes_in<CTA_PROTOINFO_MAX + 1>(found[CTA_PROTOINFO]);
  if (info[CTA_PROTOINFO_TCP] != nullptr)
    tracked.tcp_state = raw_number<std::uint8_t>(
        attributes_in<CTA_PROTOINFO_TCP_MAX + 1>(info[CTA_PROTOINFO_TCP])[CTA_PROTOINFO_TCP_STATE]);
  if (found[CTA_TIMESTAMP] != nullptr) {
    const auto times = attributes_in<CTA_TIMESTAMP_MAX + 1>(found[CTA_TIMESTAMP]);
    const auto time = [&](const nlattr* at) {
      const std::uint64_t value = be64toh(raw_number<std::uint64_t>(at));
      return value == 0 ? std::nullopt : std::optional(value);
    };
    tracked.began = time(times[CTA_TIMESTAMP_START]);
    tracked.ended = time(times[CTA_TIMESTAMP_STOP]);
  }
  if (found[CTA_HELP] != nullptr)
    tracked.helper = name_in(attributes_in<CTA_HELP_MAX + 1>(found[CTA_HELP])[CTA_HELP_NAME]);
  return tracked;
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

std::vector<char> listing_request(std::uint32_t sequence, const ConnectionSelection& selection) {
  std::vector<char> request;
  Writer writer(IPCTNL_MSG_CT_GET, NLM_F_DUMP, selection.family ? family_number(*selection.family) : AF_UNSPEC,
                sequence);
  if (selection.mark) {
    writer.put_u32(CTA_MARK, selection.mark->value);
    writer.put_u32(CTA_MARK_MASK, selection.mark->mask);
  }
  writer.append_to(request);
  return request;
}

}  // namespace vuurmuur::apply
