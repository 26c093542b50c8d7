// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/first_packet.h"

#include <map>

#include "live_world.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr auto kNone = ir::DeviceId::None, kUnknown = ir::DeviceId::Unknown;
/// Numbers as an Evaluator would give them.
constexpr auto kLo = ir::DeviceId(10), kLan = ir::DeviceId(11), kWan = ir::DeviceId(12);

FirstPacket first_of(const LiveConnection& of, const RoutingFacts& facts = router_facts(),
                     const std::function<Route(const net::Address&)>& route = router_route) {
  Routes routes;
  for (const net::Address& to : {source_in_filter(of), destination_in_filter(of)})
    if (is_routable(to)) routes.emplace(to, route(to));
  const std::map<std::string_view, ir::DeviceId> numbers{{"lo", kLo}, {"lan0", kLan}, {"wan0", kWan}};
  return FirstPackets(facts, routes, [&](std::string_view name) { return numbers.at(name); }).of(of);
}

struct Way {
  ir::Hook hook;
  ir::DeviceId in, out;
  bool operator==(const Way&) const = default;
};
Way way(const ir::Opening& opening) { return {opening.hook, opening.in, opening.out}; }

}  // namespace

TEST_CASE("addresses of this machine tell the chain, routes the devices") {
  CHECK(way(first_of(connection("10.1.0.5", "198.51.100.1")).opening) == Way{ir::Hook::Forward, kLan, kWan});
  CHECK(way(first_of(connection("198.51.100.1", "10.1.0.5")).opening) == Way{ir::Hook::Forward, kWan, kLan});
  CHECK(way(first_of(connection("198.51.100.1", "203.0.113.2")).opening) == Way{ir::Hook::Input, kWan, kNone});
  CHECK(way(first_of(connection("203.0.113.2", "198.51.100.1")).opening) == Way{ir::Hook::Output, kNone, kWan});
  CHECK(way(first_of(connection("2001:db8:9::1", "fd00:1::5")).opening) == Way{ir::Hook::Forward, kWan, kLan});
  CHECK(way(first_of(connection("fd00:1::5", "fd00:1::1")).opening) == Way{ir::Hook::Input, kLan, kNone});
  CHECK(way(first_of(connection("10.1.0.5", "10.1.0.255")).opening) == Way{ir::Hook::Input, kLan, kNone});
  CHECK(way(first_of(connection("10.1.0.1", "10.1.0.255")).opening) == Way{ir::Hook::Output, kNone, kLan});
}

TEST_CASE("filter saw the packet behind destination NAT and before source NAT") {
  SECTION("sent on to a host") {
    const auto packet = first_of(sent_to(connection("198.51.100.1", "203.0.113.2", 8080), "10.1.0.9", 80)).opening;
    CHECK(way(packet) == Way{ir::Hook::Forward, kWan, kLan});
    CHECK(packet.destination == address("10.1.0.9"));
    CHECK(packet.destination_port == 80);
  }
  SECTION("sent to this machine") {
    const auto packet = first_of(sent_to(connection("10.1.0.5", "198.51.100.1"), "10.1.0.1", 3128)).opening;
    CHECK(way(packet) == Way{ir::Hook::Input, kLan, kNone});
    CHECK(packet.destination_port == 3128);
  }
  SECTION("masqueraded") {
    const auto packet = first_of(seen_as(connection("10.1.0.5", "198.51.100.1"), "203.0.113.2")).opening;
    CHECK(way(packet) == Way{ir::Hook::Forward, kLan, kWan});
    CHECK(packet.source == address("10.1.0.5"));
    CHECK(packet.source_port == 40000);
  }
  SECTION("both") {
    const auto packet =
        first_of(seen_as(sent_to(connection("10.1.0.5", "203.0.113.2", 8080), "10.1.0.9", 80), "10.1.0.1")).opening;
    CHECK(way(packet) == Way{ir::Hook::Forward, kLan, kLan});
    CHECK(packet.destination == address("10.1.0.9"));
  }
}

TEST_CASE("what this machine sends to itself goes out and comes in by the loopback device") {
  for (const char* to : {"127.0.0.1", "203.0.113.2"}) {
    const FirstPacket packet = first_of(connection(to, to));
    CHECK(packet.also == FirstPacket::Also::Then);
    CHECK(way(packet.opening) == Way{ir::Hook::Output, kNone, kLo});
    CHECK(way(packet.second) == Way{ir::Hook::Input, kLo, kNone});
  }
}

TEST_CASE("whose address it is is told as far as devices are known") {
  const auto packet = first_of(connection("198.51.100.1", "10.1.0.1")).opening;
  CHECK(packet.own_destination.any == ir::Known::Yes);
  CHECK(packet.own_destination.of_in == ir::Known::No);
  CHECK(packet.own_source.any == ir::Known::No);
  CHECK(first_of(connection("10.1.0.5", "10.1.0.1")).opening.own_destination.of_in == ir::Known::Yes);
  CHECK(first_of(connection("10.1.0.1", "10.1.0.5")).opening.own_source.of_out == ir::Known::Yes);
  SECTION("of two devices") {
    RoutingFacts facts = router_facts();
    facts.addresses.push_back({3, address("10.1.0.1")});
    facts.addresses.push_back({3, address("fd00:1::1")});
    CHECK(first_of(connection("10.1.0.5", "10.1.0.1"), facts).opening.own_destination.of_in == ir::Known::Maybe);
    CHECK(first_of(connection("fd00:1::5", "fd00:1::1"), facts).opening.own_destination.of_in == ir::Known::Yes);
  }
}

TEST_CASE("a device that cannot be told is unknown, with the reason") {
  const auto check = [](const FirstPacket& packet, DeviceDoubt in, DeviceDoubt out) {
    CHECK(packet.in_doubt == in);
    CHECK(packet.out_doubt == out);
    CHECK((packet.opening.in == kUnknown) == (in != DeviceDoubt::None));
  };
  using enum DeviceDoubt;
  const auto no_route = [](const net::Address& to) {
    return router_route(to).kind == RouteKind::Local ? router_route(to) : Route{};
  };
  const auto several = [](const net::Address& to) {
    return router_route(to).kind == RouteKind::Local ? router_route(to) : Route{RouteKind::Onward, std::nullopt};
  };
  const LiveConnection forwarded = connection("10.1.0.5", "198.51.100.1");
  check(first_of(forwarded, router_facts(), no_route), NoRoute, NoRoute);
  check(first_of(forwarded, router_facts(), several), SeveralRoutes, SeveralRoutes);
  check(first_of(connection("10.1.0.5", "10.1.0.1"), router_facts(), several), SeveralRoutes, None);
  check(first_of(connection("0.0.0.0", "255.255.255.255")), NoSource, None);
  check(first_of(connection("fe80::9", "fd00:1::1")), LinkLocal, None);
  check(first_of(connection("10.1.0.1", "224.0.0.251")), None, Group);
  CHECK(first_of(connection("10.1.0.1", "255.255.255.255")).opening.out == kUnknown);
  SECTION("an own link-local address tells the link") {
    CHECK(way(first_of(connection("fe80::9", "fe80::1")).opening) == Way{ir::Hook::Input, kLan, kNone});
    CHECK(way(first_of(connection("fe80::2", "fe80::9")).opening) == Way{ir::Hook::Output, kNone, kWan});
  }
  SECTION("a rule for routing matters to what it may be about") {
    RoutingFacts facts = router_facts();
    facts.rules = {{.family = net::Family::Ipv4, .from = net::Prefix::parse("10.1.0.0/24"), .to = {}}};
    check(first_of(forwarded, facts), None, RoutingRules);
    check(first_of(connection("198.51.100.1", "10.1.0.5"), facts), RoutingRules, None);
    check(first_of(connection("198.51.100.1", "203.0.113.2"), facts), None, None);
    check(first_of(connection("fd00:1::5", "2001:db8:9::1"), facts), None, None);
    facts.rules = {{.family = net::Family::Ipv6, .from = {}, .to = {}}};
    check(first_of(forwarded, facts), None, None);
    check(first_of(connection("fd00:1::5", "2001:db8:9::1"), facts), RoutingRules, RoutingRules);
  }
}

TEST_CASE("multicast is delivered here, or forwarded") {
  const FirstPacket packet = first_of(connection("10.1.0.5", "239.1.1.1"));
  CHECK(packet.also == FirstPacket::Also::Or);
  CHECK(way(packet.opening) == Way{ir::Hook::Input, kLan, kNone});
  CHECK(way(packet.second) == Way{ir::Hook::Forward, kLan, kUnknown});
}
