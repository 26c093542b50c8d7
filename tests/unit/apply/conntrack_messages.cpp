// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/conntrack_messages.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

#include "apply/netlink_attributes.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

const nlmsghdr* first(const std::vector<char>& batch) { return reinterpret_cast<const nlmsghdr*>(batch.data()); }

/// The attribute of a message; null when it has none of the type.
const nlattr* attribute(const nlmsghdr* message, int type) {
  const nlattr* found = nullptr;
  for_each_attribute(mnl_nlmsg_get_payload_offset(message, sizeof(nfgenmsg)), mnl_nlmsg_get_payload_tail(message),
                     [&](const nlattr* at) {
                       if (mnl_attr_get_type(at) == type) found = at;
                     });
  return found;
}

std::uint32_t number(const nlmsghdr* message, int type) {
  const nlattr* found = attribute(message, type);
  REQUIRE(found != nullptr);
  return ntohl(mnl_attr_get_u32(found));
}

ConnectionTuple tuple(std::string_view from, std::string_view to, net::Protocol protocol) {
  return {.source = *net::Address::parse(from), .destination = *net::Address::parse(to), .protocol = protocol};
}

/// A message of a listing: that of the request for a change, which has the original tuple, with the reply behind it.
std::vector<char> listed(const ConnectionTuple& original) {
  std::vector<char> message;
  append_change(message, {.original = original, .id = 0x12345678}, 1);
  const nlattr* tuple_attribute = attribute(first(message), CTA_TUPLE_ORIG);
  REQUIRE(tuple_attribute != nullptr);
  std::vector<char> reply(reinterpret_cast<const char*>(tuple_attribute),
                          reinterpret_cast<const char*>(tuple_attribute) + MNL_ALIGN(tuple_attribute->nla_len));
  reinterpret_cast<nlattr*>(reply.data())->nla_type = CTA_TUPLE_REPLY | NLA_F_NESTED;
  message.insert(message.end(), reply.begin(), reply.end());
  reinterpret_cast<nlmsghdr*>(message.data())->nlmsg_len = static_cast<std::uint32_t>(message.size());
  return message;
}

}  // namespace

TEST_CASE("every kind of tuple is read as it is written") {
  ConnectionTuple original = tuple("10.0.0.1", "192.0.2.7", net::Protocol::Tcp);
  SECTION("ports") {
    original.source_port = 40000;
    original.destination_port = 443;
  }
  SECTION("IPv6") { original = tuple("2001:db8::1", "fd00::ff", net::Protocol::Udp); }
  SECTION("ICMP") {
    original.protocol = net::Protocol::Icmp;
    original.icmp_type = 8;
    original.icmp_identifier = 4711;
  }
  SECTION("ICMPv6") {
    original = tuple("2001:db8::1", "2001:db8::2", net::Protocol::Icmpv6);
    original.icmp_type = 128;
    original.icmp_identifier = 1;
  }
  SECTION("the keys of GRE") {
    original.protocol = net::Protocol::Gre;
    original.source_port = 7;
    original.destination_port = 9;
  }
  SECTION("a protocol by its number alone") { original.protocol = net::Protocol::Esp; }
  const auto message = listed(original);
  const auto read = decode_connection(first(message));
  REQUIRE(read);
  CHECK(read->original == original);
  CHECK(read->reply == original);
  CHECK(read->id == 0x12345678);
  CHECK(read->mark == 0);
  CHECK_FALSE(read->in_other_zone);
  CHECK_FALSE(read->master);
}

TEST_CASE("an end names the connection by its tuple and its number") {
  std::vector<char> batch;
  append_change(batch, {.original = tuple("10.0.0.1", "10.0.0.2", net::Protocol::Tcp), .id = 0xabcdef01}, 7);
  const nlmsghdr* message = first(batch);
  CHECK(message->nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE));
  CHECK(message->nlmsg_seq == 7);
  CHECK(attribute(message, CTA_TUPLE_ORIG) != nullptr);
  CHECK(number(message, CTA_ID) == 0xabcdef01);
}

TEST_CASE("a mark is written through its mask, makes no connection, and has no bits beside the mask") {
  std::vector<char> batch;
  append_change(
      batch,
      {.original = tuple("10.0.0.1", "10.0.0.2", net::Protocol::Tcp), .id = 5, .field = 0x10007fff, .mask = 0x3ffff000},
      8);
  const nlmsghdr* message = first(batch);
  CHECK(message->nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW));
  CHECK(message->nlmsg_flags == NLM_F_REQUEST);
  CHECK(number(message, CTA_MARK) == 0x10007000);
  CHECK(number(message, CTA_MARK_MASK) == 0x3ffff000);
}

TEST_CASE("what is not whole is no connection") {
  auto message = listed(tuple("10.0.0.1", "192.0.2.7", net::Protocol::Tcp));
  for (std::size_t size = 0; size + 4 < message.size(); size += 4) {
    reinterpret_cast<nlmsghdr*>(message.data())->nlmsg_len = static_cast<std::uint32_t>(size);
    CHECK_FALSE(decode_connection(first(message)));
  }
}

namespace {

/// A message that is made by hand, attribute by attribute.
class Message {
 public:
  Message() : bytes_(listed(tuple("10.0.0.1", "192.0.2.7", net::Protocol::Tcp))) { bytes_.resize(1024); }

  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  [[nodiscard]] std::optional<TrackedConnection> read() { return decode_tracked(header()); }
  void put_u64(int type, std::uint64_t value) {
    const std::uint64_t swapped = htobe64(value);
    mnl_attr_put(header(), static_cast<std::uint16_t>(type), sizeof swapped, &swapped);
  }
  template <class Put>
  void nest(int type, Put put) {
    nlattr* const container = mnl_attr_nest_start(header(), static_cast<std::uint16_t>(type));
    put();
    mnl_attr_nest_end(header(), container);
  }

 private:
  std::vector<char> bytes_;
};

}  // namespace

TEST_CASE("counters, state, times and helper are read") {
  Message message;
  message.nest(CTA_COUNTERS_ORIG, [&] {
    message.put_u64(CTA_COUNTERS_PACKETS, 3);
    message.put_u64(CTA_COUNTERS_BYTES, 5'000'000'000);
  });
  message.nest(CTA_COUNTERS_REPLY, [&] {
    message.put_u64(CTA_COUNTERS_PACKETS, 2);
    message.put_u64(CTA_COUNTERS_BYTES, 100);
  });
  message.nest(CTA_PROTOINFO, [&] {
    message.nest(CTA_PROTOINFO_TCP, [&] { mnl_attr_put_u8(message.header(), CTA_PROTOINFO_TCP_STATE, 3); });
  });
  message.nest(CTA_TIMESTAMP, [&] { message.put_u64(CTA_TIMESTAMP_START, 1'700'000'000'000'000'000); });
  message.nest(CTA_HELP, [&] { mnl_attr_put_strz(message.header(), CTA_HELP_NAME, "f\x1btp"); });
  mnl_attr_put_u32(message.header(), CTA_STATUS, htonl(2 | 4));
  mnl_attr_put_u32(message.header(), CTA_TIMEOUT, htonl(600));
  const auto read = message.read();
  REQUIRE(read);
  CHECK(read->to == Traffic{3, 5'000'000'000});
  CHECK(read->back == Traffic{2, 100});
  CHECK(state_of(*read) == "established");
  CHECK(progress_of(*read) == "assured");
  CHECK(read->began == 1'700'000'000'000'000'000u);
  CHECK_FALSE(read->ended);
  CHECK(read->helper == "f?tp");
  CHECK(read->seconds_left == 600);
}

TEST_CASE("what a message does not tell is not there, and no state is made up") {
  Message message;
  const auto read = message.read();
  REQUIRE(read);
  CHECK_FALSE(read->is_counted());
  CHECK(state_of(*read) == "unreplied");
  CHECK(read->helper.empty());
  CHECK_FALSE(read->began);
  Message strange;
  strange.nest(CTA_PROTOINFO, [&] {
    strange.nest(CTA_PROTOINFO_TCP, [&] { mnl_attr_put_u8(strange.header(), CTA_PROTOINFO_TCP_STATE, 99); });
  });
  CHECK(state_of(*strange.read()) == "unreplied");
}

TEST_CASE("a listing asks for a family and a mark") {
  const auto all = listing_request(3);
  CHECK(static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(first(all)))->nfgen_family == AF_UNSPEC);
  CHECK(attribute(first(all), CTA_MARK) == nullptr);
  const auto some = listing_request(
      4, {.family = net::Family::Ipv6, .mark = ConnectionSelection::Mark{.value = 0x10005000, .mask = 0x3ffff000}});
  CHECK(static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(first(some)))->nfgen_family == AF_INET6);
  CHECK(number(first(some), CTA_MARK) == 0x10005000);
  CHECK(number(first(some), CTA_MARK_MASK) == 0x3ffff000);
}
