// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/deep_check.h"

#include <fmt/format.h>

#include "unit/analyse/named_world.h"

using namespace vuurmuur;
using model::Action;
using test::NamedWorld;

namespace {

/// With a way in, so that this is not told.
struct OpenWorld : NamedWorld {
  OpenWorld() { rule(Action::Accept, "ssh", "lan", "firewall"); }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a rule that no packet meets is told with the reason, unless that was told before or is meant so") {
  OpenWorld world;
  world.add_host("six", "lan", "2001:db8::9");
  SECTION("families") {
    world.rule(Action::Accept, "http", "six.net.lan", "inet");
    CHECK(
        world.findings() ==
        Texts{"matches-nothing: rule 2 matches nothing: 'six.net.lan' has only IPv6 addresses, and 'inet' only IPv4"});
  }
  SECTION("the service") {
    world.add_service("nd", 1);
    world.model.services.back().port_sets = {model::PortSet{.protocol = net::Protocol::Icmpv6}};
    world.rule(Action::Accept, "nd", "lan", "inet");
    CHECK(world.findings() ==
          Texts{"matches-nothing: rule 2 matches nothing: service 'nd' is not of the family that both ends have"});
  }
  SECTION("the firewall") {
    world.rule(Action::Accept, "http", "six.net.lan", "firewall");
    CHECK(world.findings() ==
          Texts{"matches-nothing: rule 2 matches nothing: the firewall has no address of that family "
                "on the interfaces of 'six.net.lan'"});
  }
  SECTION("an interface that is none of the source's: told by sema") {
    world.rule(Action::Accept, "http", "lan", "inet").options.in_interface = std::string("dmz");
    CHECK(world.findings().empty());
    CHECK(world.sink.warning_count() == 2);  // and the host that is in no IPv6 network
  }
  SECTION("an interface that is switched off: meant so") {
    world.add_network("lan", "10.9.0.0/24", "10.9.0.1", "second");
    world.model.interfaces.back().active = false;
    world.model.networks.back().interfaces.push_back(std::string("lan"));
    world.rule(Action::Accept, "http", "lan", "inet").options.in_interface = std::string("lan-second");
    CHECK(world.findings().empty());
  }
  SECTION("an object without an address: told by sema") {
    world.model.hosts.back().addresses.clear();
    world.rule(Action::Accept, "http", "six.net.lan", "inet");
    CHECK(world.findings().empty());
  }
}

TEST_CASE("a chain that only rules lead to which never match is told once") {
  OpenWorld world;
  world.rule(Action::Drop, "any", "dmz", "any");
  world.rule(Action::Chain, "http", "dmz", "inet").options.chain = std::string("mine");
  world.rule(Action::Chain, "https", "dmz", "inet").options.chain = std::string("mine");
  const Texts told = world.findings();
  CHECK(told ==
        Texts{"never-matches: rule 3 can never match: rule 2 takes all that it would take",
              "never-matches: rule 4 can never match: rule 2 takes all that it would take",
              "chain-never-entered: no packet gets to the chain 'mine': rules 3 and 4 never match, and no other "
              "rule leads there"});
  world.rule(Action::Chain, "https", "lan", "inet").options.chain = std::string("mine");
  CHECK(world.findings().size() == 2);
}

TEST_CASE("objects whose packets come or go elsewhere are told") {
  OpenWorld world;
  SECTION("a host in the longer prefix of another network") {
    world.add_network("lab", "10.1.0.128/25", "10.1.0.129");
    world.add_host("pc", "lan", "10.1.0.200");
    world.add_host("near", "lan", "10.1.0.20");
    world.add_host("there", "lab", "10.1.0.201");
    CHECK(world.findings() ==
          Texts{"host-elsewhere: host 'pc.net.lan' has 10.1.0.200, which is in 10.1.0.128/25 of network "
                "'net.lab', behind another interface"});
    // Behind the same interface it is where it is.
    world.model.networks.back().interfaces.push_back(std::string("lan"));
    CHECK(world.findings().empty());
  }
  SECTION("a host that is this machine") {
    world.add_host("router", "lan", "10.1.0.1");
    CHECK(world.findings() ==
          Texts{"host-is-firewall: host 'router.net.lan' has 10.1.0.1, the address of this machine's "
                "interface 'lan': rules name it 'firewall'"});
  }
  SECTION("an interface whose address is in another network") {
    world.model.interfaces[1].addresses = {*net::Address::parse("10.3.0.1"), *net::Address::parse("fe80::1")};
    CHECK(world.findings() ==
          Texts{"interface-outside-network: interface 'dmz' has the address 10.3.0.1, which is not in "
                "network 'net.dmz' behind it"});
    world.model.networks[1].dynamic_ipv4 = true;
    CHECK(world.findings().empty());
  }
  SECTION("an interface before many networks: where the first of their prefixes are written") {
    for (int n = 0; n < 4; ++n) {
      world.add_network("dmz", fmt::format("10.4.{}.0/24", n), fmt::format("10.4.{}.1", n), fmt::format("part{}", n));
      world.model.interfaces.pop_back();
      world.model.networks.back().interfaces = {std::string("dmz")};
      world.model.networks.back().prefixes.push_back(*net::Prefix::parse(fmt::format("2001:db8:{}::/64", n)));
    }
    world.model.interfaces[1].addresses = {*net::Address::parse("10.3.0.1")};
    CHECK(world.findings() == Texts{"interface-outside-network: interface 'dmz' has the address 10.3.0.1, which is in "
                                    "none of the networks behind it"});
    Texts notes;
    for (const diag::Note& note : world.told.all().back().notes) notes.push_back(note.message);
    CHECK(notes == Texts{"network 'net.dmz'", "network 'part0.dmz'", "network 'part1.dmz'", "and 2 more"});
  }
  SECTION("a network that its own protection keeps out") {
    world.model.networks[0].spoof_protections = {model::Spoof::ClassC, model::Spoof::ClassA};
    world.add_host("pc", "lan", "10.1.0.9");
    CHECK(world.findings() == Texts{"network-protected-from-itself: network 'net.lan' is 10.1.0.0/24, which its own "
                                    "protection against spoofing from 'class-a' drops"});
  }
  SECTION("a host that the protection of its network keeps out") {
    world.model.networks[2].spoof_protections = {model::Spoof::ClassC};
    world.add_host("modem", "inet", "192.168.1.1");
    world.add_host("web", "inet", "198.51.100.1");
    CHECK(world.findings() ==
          Texts{"network-protected-from-itself: host 'modem.net.inet' has 192.168.1.1, which the protection of network "
                "'net.inet' against spoofing from 'class-c' drops"});
  }
  SECTION("what is switched off is not looked at") {
    world.add_host("router", "lan", "10.1.0.1").active = false;
    world.model.networks[1].active = false;
    world.model.networks[1].spoof_protections = {model::Spoof::ClassA};
    CHECK(world.findings().empty());
  }
}
