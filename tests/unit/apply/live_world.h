// SPDX-License-Identifier: GPL-2.0-or-later
// A router with two devices and the connections that live in it, for tests of what becomes of them.
#pragma once
#include <string_view>

#include "apply/first_packet.h"
#include "apply/live_connection.h"
#include "apply/routing.h"

namespace vuurmuur::apply::test {

inline net::Address address(std::string_view text) { return *net::Address::parse(text); }

/// lan0 10.1.0.1/24 and fd00:1::1/64, wan0 203.0.113.2/24, 2001:db8::2/64 and the default routes.
inline RoutingFacts router_facts() {
  return {.devices = {{1, "lo"}, {2, "lan0"}, {3, "wan0"}},
          .addresses = {{1, address("127.0.0.1")},
                        {1, address("::1")},
                        {2, address("10.1.0.1")},
                        {2, address("fd00:1::1")},
                        {2, address("fe80::1")},
                        {3, address("203.0.113.2")},
                        {3, address("2001:db8::2")},
                        {3, address("fe80::2")}},
          .rules = {}};
}

inline Route router_route(const net::Address& to) {
  for (const OwnedAddress& owned : router_facts().addresses)
    if (owned.address == to) return {RouteKind::Local, owned.device};
  if (to == address("10.1.0.255")) return {RouteKind::Broadcast, 2};
  if (net::Prefix::parse("10.1.0.0/24")->contains(to) || net::Prefix::parse("fd00:1::/64")->contains(to))
    return {RouteKind::Onward, 2};
  return {RouteKind::Onward, 3};
}

/// A TCP connection without translation.
inline LiveConnection connection(std::string_view from, std::string_view to, std::uint16_t port = 80,
                                 std::uint32_t mark = 0) {
  LiveConnection made;
  made.original = {.source = address(from), .destination = address(to)};
  made.original.source_port = 40000;
  made.original.destination_port = port;
  made.reply = {.source = address(to), .destination = address(from)};
  made.reply.source_port = port;
  made.reply.destination_port = 40000;
  made.mark = mark;
  static std::uint32_t last_id = 0;
  made.id = ++last_id;
  return made;
}

/// It was sent to another address and port (DNAT, REDIRECT).
inline LiveConnection sent_to(LiveConnection made, std::string_view to, std::uint16_t port) {
  made.reply.source = address(to);
  made.reply.source_port = port;
  return made;
}

/// It goes on as if from another address (SNAT, MASQUERADE).
inline LiveConnection seen_as(LiveConnection made, std::string_view from, std::uint16_t port = 50000) {
  made.reply.destination = address(from);
  made.reply.destination_port = port;
  return made;
}

}  // namespace vuurmuur::apply::test
