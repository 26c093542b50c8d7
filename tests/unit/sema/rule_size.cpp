// SPDX-License-Identifier: GPL-2.0-or-later
#include "sema/rule_size.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::sema;

namespace {

/// Two networks with one interface each, and rules between so many hosts of them.
struct Hosts {
  model::Rule written;
  Policy policy;

  Hosts() {
    policy.interfaces = {{.name = "lan", .device = "eth0"}, {.name = "inet", .device = "eth1"}};
    policy.networks = {{.name = "a.lan", .interfaces = {InterfaceId{0}}},
                       {.name = "b.inet", .interfaces = {InterfaceId{1}}}};
  }

  Rule& add(unsigned sources, unsigned destinations, std::size_t services) {
    Rule& rule = policy.rules.emplace_back();
    rule.source = &written;
    rule.from = {.kind = End::Kind::Peers, .peers = hosts(sources, NetworkId{0})};
    rule.to = {.kind = End::Kind::Peers, .peers = hosts(destinations, NetworkId{1})};
    rule.port_sets.resize(services);
    return rule;
  }

  static std::vector<Peer> hosts(unsigned count, NetworkId network) {
    std::vector<Peer> peers;
    for (unsigned i = 0; i < count; ++i)
      peers.push_back({.network = network, .prefixes = {net::Prefix::host(net::Address::ipv4(0x0a000000 + i))}});
    return peers;
  }

  [[nodiscard]] diag::Sink check() const {
    diag::Sink sink;
    check_rule_sizes(policy, sink);
    return sink;
  }
};

}  // namespace

TEST_CASE("the most rules of a table are its bytes by the smallest rule, as the kernel's headers have it") {
  constexpr std::uint64_t kBytes = 512ULL * 1024 * 1024;
  CHECK(most_rules(net::Family::Ipv4) == kBytes / (sizeof(ipt_entry) + sizeof(xt_standard_target)));
  CHECK(most_rules(net::Family::Ipv6) == kBytes / (sizeof(ip6t_entry) + sizeof(xt_standard_target)));
}

TEST_CASE("a rule between two groups of 10,000 hosts is refused with what it would become") {
  Hosts hosts;
  hosts.add(10'000, 10'000, 1);
  CHECK(ways_to_meet(hosts.policy, hosts.policy.rules[0], net::Family::Ipv4) == 100'000'000);
  CHECK(ways_to_meet(hosts.policy, hosts.policy.rules[0], net::Family::Ipv6) == 0);
  const diag::Sink sink = hosts.check();
  REQUIRE(sink.all().size() == 1);
  CHECK(sink.all()[0].code == "too-many-rules");
  CHECK(
      sink.all()[0].message ==
      "with this rule the policy is 100000000 kernel rules for IPv4, and a table of the kernel holds at most 3532045");
  CHECK(sink.all()[0].notes.at(0).message ==
        "its sources, destinations and ports: 10000 x 10000 x 1; a network in place of its hosts counts as one");
}

TEST_CASE("many rules count together, and those that fit are not refused") {
  Hosts hosts;
  for (int i = 0; i < 3; ++i) hosts.add(1000, 1000, 1);
  CHECK_FALSE(hosts.check().has_errors());
  hosts.add(100, 100, 60);
  CHECK(hosts.check().error_count() == 1);
}

TEST_CASE("ends that are no list of hosts count as one, and a network as often as it has interfaces") {
  Hosts hosts;
  Rule& rule = hosts.add(3, 5, 2);
  rule.from = {};
  CHECK(ways_to_meet(hosts.policy, rule, net::Family::Ipv4) == 10);
  rule.any_service = true;
  CHECK(ways_to_meet(hosts.policy, rule, net::Family::Ipv4) == 5);
  hosts.policy.networks[1].interfaces.push_back(InterfaceId{0});
  CHECK(ways_to_meet(hosts.policy, rule, net::Family::Ipv4) == 10);
}
