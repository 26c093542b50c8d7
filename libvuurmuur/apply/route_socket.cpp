// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/route_socket.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "apply/netlink_attributes.h"
#include "apply/netlink_talk.h"

namespace vuurmuur::apply {
namespace {

/// A message of one header and a few attributes.
template <class Header>
class Request {
 public:
  Request(std::uint16_t type, int flags, std::uint32_t sequence) {
    message_ = mnl_nlmsg_put_header(buffer_);
    message_->nlmsg_type = type;
    message_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message_->nlmsg_seq = sequence;
    header_ = static_cast<Header*>(mnl_nlmsg_put_extra_header(message_, sizeof(Header)));
  }
  Header* operator->() { return header_; }
  void put_address(std::uint16_t type, const net::Address& address) {
    mnl_attr_put(message_, type, address_bits(address.family) / 8, address.bytes.data());
  }
  [[nodiscard]] std::span<const char> bytes() const { return {buffer_, message_->nlmsg_len}; }

 private:
  alignas(nlmsghdr) char buffer_[128] = {};
  nlmsghdr* message_ = nullptr;
  Header* header_ = nullptr;
};

std::uint8_t family_number(net::Family family) { return family == net::Family::Ipv4 ? AF_INET : AF_INET6; }

template <class Each>
void for_each_in(const nlmsghdr* message, std::size_t header_size, Each each) {
  for_each_attribute(mnl_nlmsg_get_payload_offset(message, header_size), mnl_nlmsg_get_payload_tail(message), each);
}

std::optional<net::Address> address_in(const nlattr* attribute, net::Family family) {
  const std::size_t size = address_bits(family) / 8;
  if (mnl_attr_get_payload_len(attribute) < size) return std::nullopt;
  net::Address address{.family = family};
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(attribute), size);
  return address;
}

/// Calls `visit` with a whole listing; one that changed meanwhile is read again.
template <class Header>
base::Result<void> list(NetlinkTalk& socket, std::uint16_t type, std::uint8_t family,
                        const std::function<void()>& begin, const NetlinkTalk::Visit& visit) {
  constexpr int kTries = 5;
  for (int tries = 0;; ++tries) {
    begin();
    Request<Header> request(type, NLM_F_DUMP, socket.next_sequence());
    // The family is the first byte of every header of rtnetlink (struct rtgenmsg).
    *reinterpret_cast<std::uint8_t*>(request.operator->()) = family;
    auto done = socket.list(request.bytes(), visit);
    if (done || done.error().code != EINTR || tries == kTries) return done;
  }
}

void add_device(const nlmsghdr* message, RoutingFacts& facts) {
  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return;
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  for_each_in(message, sizeof *header, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == IFLA_IFNAME)
      facts.devices[static_cast<DeviceNumber>(header->ifi_index)] = mnl_attr_get_str(attribute);
  });
}

void add_address(const nlmsghdr* message, RoutingFacts& facts) {
  if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof(ifaddrmsg))) return;
  const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  if (header->ifa_family != AF_INET && header->ifa_family != AF_INET6) return;
  const net::Family family = header->ifa_family == AF_INET ? net::Family::Ipv4 : net::Family::Ipv6;
  // Where the two differ (point to point) IFA_LOCAL is ours and IFA_ADDRESS the peer's.
  std::optional<net::Address> local, address;
  for_each_in(message, sizeof *header, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == IFA_LOCAL) local = address_in(attribute, family);
    if (mnl_attr_get_type(attribute) == IFA_ADDRESS) address = address_in(attribute, family);
  });
  if (local || address) facts.addresses.push_back({.device = header->ifa_index,
                               .address = local ? *local : *address,
                               .length = header->ifa_prefixlen,
                               .is_deprecated = (header->ifa_flags & IFA_F_DEPRECATED) != 0});
}

/// Whether an attribute of a rule does not narrow it, or narrows it by the destination, by which routes are asked.
bool is_harmless(int attribute) {
  switch (attribute) {
    case FRA_DST:
    case FRA_SRC:  // looked at by its length
    case FRA_TABLE:
    case FRA_PRIORITY:
    case FRA_GOTO:
    case FRA_FLOW:  // realms for accounting
    case FRA_SUPPRESS_PREFIXLEN:
    case FRA_SUPPRESS_IFGROUP:
    case FRA_PROTOCOL:  // who made the rule
    case FRA_PAD: return true;
    default: return false;
  }
}

void add_rule(const nlmsghdr* message, net::Family family, RoutingFacts& facts) {
  if (message->nlmsg_type != RTM_NEWRULE || message->nlmsg_len < NLMSG_LENGTH(sizeof(fib_rule_hdr))) return;
  const auto* header = static_cast<const fib_rule_hdr*>(mnl_nlmsg_get_payload(message));
  RoutingRule rule{.family = family};
  const bool is_inverted = (header->flags & FIB_RULE_INVERT) != 0;
  bool is_plain = header->src_len == 0 && header->tos == 0;
  for_each_in(message, sizeof *header, [&](const nlattr* attribute) {
    const int type = mnl_attr_get_type(attribute);
    if (!is_harmless(type)) is_plain = false;
    if ((type != FRA_SRC && type != FRA_DST) || is_inverted) return;
    if (const auto address = address_in(attribute, family))
      (type == FRA_SRC ? rule.from : rule.to) =
          net::Prefix{*address, type == FRA_SRC ? header->src_len : header->dst_len};
  });
  if (!is_plain) facts.rules.push_back(rule);
}

/// Sets the device, or forgets it for good when there are several.
class DeviceOfRoute {
 public:
  void add(DeviceNumber device) {
    if (device == 0 || (device_ && *device_ != device)) has_several_ = true;
    device_ = device;
  }
  [[nodiscard]] std::optional<DeviceNumber> get() const { return has_several_ ? std::nullopt : device_; }

 private:
  std::optional<DeviceNumber> device_;
  bool has_several_ = false;
};

Route decode_route(const nlmsghdr* message) {
  const auto* header = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  DeviceOfRoute device;
  for_each_in(message, sizeof *header, [&](const nlattr* attribute) {
    const int type = mnl_attr_get_type(attribute);
    if (type == RTA_OIF && mnl_attr_get_payload_len(attribute) >= sizeof(DeviceNumber))
      device.add(mnl_attr_get_u32(attribute));
    if (type != RTA_MULTIPATH) return;
    const auto* hop = static_cast<const rtnexthop*>(mnl_attr_get_payload(attribute));
    auto left = static_cast<unsigned>(mnl_attr_get_payload_len(attribute));
    while (left >= sizeof *hop && hop->rtnh_len >= sizeof *hop && hop->rtnh_len <= left) {
      device.add(static_cast<DeviceNumber>(hop->rtnh_ifindex));
      const unsigned step = std::min(left, static_cast<unsigned>(RTNH_ALIGN(hop->rtnh_len)));
      left -= step;
      hop = reinterpret_cast<const rtnexthop*>(reinterpret_cast<const char*>(hop) + step);
    }
  });
  switch (header->rtm_type) {
    case RTN_UNICAST: return {RouteKind::Onward, device.get()};
    case RTN_LOCAL: return {RouteKind::Local, device.get()};
    case RTN_BROADCAST: return {RouteKind::Broadcast, device.get()};
    case RTN_ANYCAST: return {RouteKind::Anycast, device.get()};
    default: return {};
  }
}

}  // namespace

base::Result<RoutingFacts> read_routing_facts() {
  NetlinkTalk socket = VM_TRY(NetlinkTalk::open(NETLINK_ROUTE, "devices and addresses"));
  RoutingFacts facts;
  VM_TRY_VOID(list<ifinfomsg>(
      socket, RTM_GETLINK, AF_UNSPEC, [&] { facts.devices.clear(); },
      [&](const nlmsghdr* message) { add_device(message, facts); }));
  VM_TRY_VOID(list<ifaddrmsg>(
      socket, RTM_GETADDR, AF_UNSPEC, [&] { facts.addresses.clear(); },
      [&](const nlmsghdr* message) { add_address(message, facts); }));
  for (const net::Family family : net::kFamilies) {
    const std::size_t before = facts.rules.size();
    const auto done = list<fib_rule_hdr>(
        socket, RTM_GETRULE, family_number(family), [&] { facts.rules.resize(before); },
        [&](const nlmsghdr* message) { add_rule(message, family, facts); });
    // A kernel without the family, or without rules for routing.
    if (!done && done.error().code != EAFNOSUPPORT && done.error().code != EOPNOTSUPP)
      return std::unexpected(done.error());
  }
  return facts;
}

base::Result<std::vector<Route>> find_routes(std::span<const net::Address> destinations) {
  NetlinkTalk socket = VM_TRY(NetlinkTalk::open(NETLINK_ROUTE, "routes"));
  std::vector<Route> routes(destinations.size());
  std::vector<char> batch;
  for (std::size_t begin = 0; begin < destinations.size(); begin += NetlinkTalk::kBatch) {
    const std::size_t end = std::min(begin + NetlinkTalk::kBatch, destinations.size());
    batch.clear();
    // The sequence number of a request is its place, and one.
    for (std::size_t i = begin; i < end; ++i) {
      Request<rtmsg> request(RTM_GETROUTE, 0, static_cast<std::uint32_t>(i + 1));
      request->rtm_family = family_number(destinations[i].family);
      request->rtm_dst_len = static_cast<std::uint8_t>(address_bits(destinations[i].family));
      request->rtm_flags = RTM_F_FIB_MATCH;
      request.put_address(RTA_DST, destinations[i]);
      const auto bytes = request.bytes();
      batch.insert(batch.end(), bytes.begin(), bytes.end());
    }
    // An error is an address without a route.
    VM_TRY_VOID(socket.ask(batch, [&](const nlmsghdr* message) {
      if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_seq == 0 || message->nlmsg_seq > routes.size()) return;
      if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(rtmsg))) routes[message->nlmsg_seq - 1] = decode_route(message);
    }));
  }
  return routes;
}

}  // namespace vuurmuur::apply
