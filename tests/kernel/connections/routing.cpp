// SPDX-License-Identifier: GPL-2.0-or-later
// Devices, addresses, routing rules and routes as the kernel has them.
#include <unistd.h>

#include <algorithm>

#include "apply/route_socket.h"
#include "lab/namespace.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;

namespace {

net::Address address(std::string_view text) { return *net::Address::parse(text); }

/// A namespace with devices lan0, wan0 and wan1, which the test is in.
struct Space {
  struct Laboratory {
    Laboratory() { lab::enter_laboratory(); }
  } laboratory;
  lab::NetNamespace space;
  lab::Inside inside{space};

  Space() {
    for (const char* name : {"lan0", "wan0", "wan1"}) {
      lab::write_setting("net/ipv6/conf/default/accept_dad", "0");
      lab::ip(std::string("link add ") + name + " type veth peer name far-" + name + "\nlink set far-" + name +
              " up\n");
    }
    lab::ip(
        "addr add 10.1.0.1/24 brd + dev lan0\naddr add fd00:1::1/64 dev lan0 nodad\nlink set lan0 up\n"
        "addr add 203.0.113.2/24 brd + dev wan0\naddr add 2001:db8::2/64 dev wan0 nodad\nlink set wan0 up\n"
        "addr add 198.51.100.2/24 dev wan1\nlink set wan1 up\n"
        "addr add 10.255.0.1 peer 10.255.0.2 dev wan1\n"
        "route add default via 203.0.113.1\nroute add default via 2001:db8::1\n");
    // A worker of the kernel makes the routes to own IPv6 addresses, when the devices are up (addrconf_dad_work()).
    for (const char* own : {"local fd00:1::1 dev lan0", "local 2001:db8::2 dev wan0"})
      while (lab::run_ok({"ip", "-6", "route", "show", "table", "local"}).find(own) == std::string::npos)
        ::usleep(1'000);
  }

  [[nodiscard]] static std::string name_of(DeviceNumber number) {
    const auto facts = read_routing_facts();
    REQUIRE(facts);
    return facts->devices.at(number);
  }
};

struct Way {
  RouteKind kind;
  std::string device;
  bool operator==(const Way&) const = default;
};

std::vector<Way> ways(const std::vector<const char*>& to) {
  std::vector<net::Address> addresses;
  for (const char* text : to) addresses.push_back(address(text));
  const auto routes = find_routes(addresses);
  REQUIRE(routes);
  std::vector<Way> result;
  for (const Route& route : *routes) result.push_back({route.kind, route.device ? Space::name_of(*route.device) : ""});
  return result;
}

}  // namespace

TEST_CASE("routes say where an address is") {
  const Space space;
  CHECK(ways({"10.1.0.9", "192.0.2.77", "10.1.0.1", "10.1.0.255", "127.0.0.9", "10.255.0.2", "10.255.0.1"}) ==
        std::vector<Way>{{RouteKind::Onward, "lan0"},
                         {RouteKind::Onward, "wan0"},
                         {RouteKind::Local, "lan0"},
                         {RouteKind::Broadcast, "lan0"},
                         {RouteKind::Local, "lo"},
                         {RouteKind::Onward, "wan1"},
                         {RouteKind::Local, "wan1"}});
  const auto v6 = ways({"fd00:1::9", "2001:db8:77::7", "fd00:1::1", "::1"});
  CHECK(v6[0] == Way{RouteKind::Onward, "lan0"});
  CHECK(v6[1] == Way{RouteKind::Onward, "wan0"});
  CHECK(v6[2].kind == RouteKind::Local);
  CHECK(v6[3].kind == RouteKind::Local);
}

TEST_CASE("an address that has no route, one that refuses, or several devices") {
  const Space space;
  lab::ip(
      "route add unreachable 192.0.2.0/28\nroute add blackhole 192.0.2.16/28\n"
      "route add 192.0.2.32/28 nexthop via 203.0.113.1 nexthop via 198.51.100.1\n"
      "route add 192.0.2.48/28 nexthop via 203.0.113.1 nexthop via 203.0.113.9\n"
      "route add unreachable 2001:db8:66::/48\n"
      "route del default via 203.0.113.1\n");
  CHECK(ways({"192.0.2.1", "192.0.2.17", "192.0.2.33", "192.0.2.49", "192.0.2.99", "2001:db8:66::1"}) ==
        std::vector<Way>{{RouteKind::None, ""},
                         {RouteKind::None, ""},
                         {RouteKind::Onward, ""},
                         {RouteKind::Onward, "wan0"},
                         {RouteKind::None, ""},
                         {RouteKind::None, ""}});
}

TEST_CASE("many routes are asked at once, each answer at its place") {
  const Space space;
  std::vector<net::Address> addresses;
  for (unsigned i = 0; i < 5000; ++i)
    addresses.push_back(net::Address::ipv4((i % 2 == 0 ? 0x0a010000u : 0xc0000200u) + i % 200 + 10));
  const auto routes = find_routes(addresses);
  REQUIRE(routes);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    REQUIRE((*routes)[i].kind == RouteKind::Onward);
    REQUIRE((*routes)[i].device == (*routes)[i % 2].device);
  }
  CHECK((*routes)[0].device != (*routes)[1].device);
}

TEST_CASE("addresses are known with their devices, the own one of a point to point link") {
  const Space space;
  const auto facts = read_routing_facts();
  REQUIRE(facts);
  const auto owner = [&](const char* text) -> std::string {
    const auto found = std::ranges::find(facts->addresses, address(text), &OwnedAddress::address);
    return found == facts->addresses.end() ? "" : facts->devices.at(found->device);
  };
  CHECK(owner("10.1.0.1") == "lan0");
  CHECK(owner("fd00:1::1") == "lan0");
  CHECK(owner("10.255.0.1") == "wan1");
  CHECK(owner("10.255.0.2").empty());
  CHECK(owner("127.0.0.1") == "lo");
  CHECK(facts->rules.empty());
}

TEST_CASE("rules for routing are known where more than the destination chooses") {
  const Space space;
  lab::ip(
      "rule add to 192.0.2.0/24 lookup main\n"
      "rule add from 10.1.0.0/25 to 192.0.2.0/24 lookup 100\n"
      "rule add fwmark 0x1 lookup 100\n"
      "rule add lookup main suppress_prefixlength 0\n"
      "rule add not from 10.1.0.0/24 lookup 100\n");
  lab::run_ok({"ip", "-6", "rule", "add", "iif", "lan0", "from", "fd00:1::/64", "lookup", "100"});
  const auto facts = read_routing_facts();
  REQUIRE(facts);
  std::vector<std::string> rules;
  for (const RoutingRule& rule : facts->rules)
    rules.push_back(std::string(rule.family == net::Family::Ipv4 ? "4" : "6") + " from " +
                    (rule.from ? rule.from->to_string() : "any") + " to " + (rule.to ? rule.to->to_string() : "any"));
  std::ranges::sort(rules);
  CHECK(rules == std::vector<std::string>{"4 from 10.1.0.0/25 to 192.0.2.0/24", "4 from any to any",
                                          "4 from any to any", "6 from fd00:1::/64 to any"});
}
