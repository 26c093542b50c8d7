// SPDX-License-Identifier: GPL-2.0-or-later
// Published ports in rules as container programs write them; these were written for the test.
#include "doctor/published_ports.h"

#include "diag/diagnostic.h"
#include "saved/read.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

namespace {

const std::string kNat =
    "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n"
    "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
    "-A POSTROUTING -s 172.20.0.0/16 ! -o br-web -j MASQUERADE\n"
    "-A DOCKER ! -i br-web -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.20.0.5:80\nCOMMIT\n";
const std::string kChains = ":FORWARD DROP [0:0]\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n";
const std::string kDocker =
    "-A FORWARD -j DOCKER-USER\n-A FORWARD -o br-web -j DOCKER\n"
    "-A DOCKER -d 172.20.0.5/32 ! -i br-web -o br-web -p tcp -m tcp --dport 80 -j ACCEPT\n";
const std::string kOwnChain = ":VRMR-FORWARD - [0:0]\n";
const std::string kOwn = "-A FORWARD -j VRMR-FORWARD\n";
const std::string kOwnDrops = "-A VRMR-FORWARD -j DROP\n";

struct Setup {
  sema::Policy policy;
  Setup() {
    policy.interfaces = {{.name = "wan", .device = "eth0", .addresses = {*net::Address::parse("203.0.113.1")}},
                         {.name = "box", .device = "br-web", .addresses = {*net::Address::parse("172.20.0.1")}}};
    policy.networks = {
        {.name = "world.inet", .prefixes = {*net::Prefix::parse("0.0.0.0/0")}, .interfaces = {sema::InterfaceId{0}}}};
  }
  void with_containers() {
    policy.networks.push_back({.name = "web.boxes",
                               .prefixes = {*net::Prefix::parse("172.20.0.0/16")},
                               .interfaces = {sema::InterfaceId{1}}});
  }
  [[nodiscard]] std::vector<Finding> look(const std::string& filter, const std::string& nat = kNat) const {
    diag::SourceMap sources;
    diag::Sink sink;
    const auto file = sources.add("saved", nat + "*filter\n" + filter + "COMMIT\n");
    const saved::Ruleset ruleset = saved::read(file, sources, sink);
    REQUIRE_FALSE(sink.has_errors());
    return published_port_findings(ruleset, policy, [](std::uint8_t protocol, std::uint16_t port) {
      return protocol == 6 && port == 80 ? "http" : "any";
    });
  }
};

}  // namespace

TEST_CASE("a port that Docker accepts before us goes around the policy") {
  const auto found = Setup().look(kChains + kOwnChain + kDocker + kOwn + kOwnDrops);
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::Warning);
  CHECK(found[0].id == "published-around");
  CHECK(found[0].what == "published port tcp 8080 (docker) to 172.20.0.5:80 goes around the policy");
  CHECK(found[0].why == "DOCKER accepts it from world.inet without a rule of ours having been asked");
  CHECK(found[0].changes[0].to == "iptables -I DOCKER-USER -i eth0 -d 172.20.0.5/32 -p tcp -m tcp --dport 80 -j DROP");
  CHECK(found[0].changes[1].to == "-p 127.0.0.1:8080:80");
}

TEST_CASE("one that we are asked about first is the policy's, with the rule that would admit it") {
  Setup setup;
  const std::string filter = kChains + kOwnChain + kOwn + kDocker + kOwnDrops;
  const auto unknown = setup.look(filter);
  REQUIRE(unknown.size() == 1);
  CHECK(unknown[0].severity == Severity::Advice);
  CHECK(unknown[0].id == "published-closed");
  CHECK(unknown[0].why ==
        "nobody reaches it from world.inet; no network of the policy holds 172.20.0.5, which a rule that admits it "
        "needs");
  setup.with_containers();
  CHECK(setup.look(filter)[0].changes ==
        std::vector{
            Change{"rules/rules.conf, to admit it", "", "RULE=\"accept service http from world.inet to web.boxes\""}});
}

TEST_CASE("one that a rule of ours admits is no finding") {
  CHECK(Setup()
            .look(kChains + kOwnChain + kOwn + kDocker +
                  "-A VRMR-FORWARD -d 172.20.0.0/16 -o br-web -p tcp -m tcp --dport 80 -j ACCEPT\n" + kOwnDrops)
            .empty());
}

TEST_CASE("a way out that packets to the container do not take admits nothing") {
  const auto found =
      Setup().look(kChains + kOwnChain + kOwn + kDocker + "-A VRMR-FORWARD -o eth0 -j ACCEPT\n" + kOwnDrops);
  REQUIRE(found.size() == 1);
  CHECK(found[0].id == "published-closed");
}

TEST_CASE("the lines that close it close it, and those for another port do not") {
  const std::string line = "-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctdir ORIGINAL --ctorigdstport ";
  const auto with = [&](const std::string& more) {
    return Setup().look(kChains + kOwnChain + kDocker + more + kOwn + kOwnDrops);
  };
  CHECK(with("-A DOCKER-USER -i eth0 -d 172.20.0.5/32 -p tcp -m tcp --dport 80 -j DROP\n").empty());
  CHECK(with(line + "8080 -j DROP\n").empty());
  CHECK(with(line + "8081 -j DROP\n").size() == 1);
}

TEST_CASE("a port of the loopback alone is nobody else's") {
  std::string nat = kNat;
  nat.replace(nat.find("! -i br-web -p tcp"), 18, "-d 127.0.0.1/32 -i lo -p tcp");
  CHECK(Setup().look(kChains + kOwnChain + kDocker + kOwn + kOwnDrops, nat).empty());
}

TEST_CASE("what Podman publishes without a chain of Docker is found as well") {
  const auto found = Setup().look(
      ":FORWARD DROP [0:0]\n:NETAVARK_FORWARD - [0:0]\n-A FORWARD -j NETAVARK_FORWARD\n"
      "-A NETAVARK_FORWARD -d 10.88.0.0/16 -j ACCEPT\n",
      "*nat\n:PREROUTING ACCEPT [0:0]\n:NETAVARK-HOSTPORT-DNAT - [0:0]\n:NETAVARK-DN-1 - [0:0]\n"
      "-A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT\n"
      "-A NETAVARK-HOSTPORT-DNAT -p udp -m udp --dport 5353 -j NETAVARK-DN-1\n"
      "-A NETAVARK-DN-1 -p udp -m udp --dport 5353 -j DNAT --to-destination 10.88.0.2:53\nCOMMIT\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == "published port udp 5353 (podman) to 10.88.0.2:53 goes around the policy");
  CHECK(found[0].changes[0].to == "iptables -I FORWARD -i eth0 -d 10.88.0.2/32 -p udp -m udp --dport 53 -j DROP");
}

TEST_CASE("forwarding that is ours is not somebody else's port") {
  std::string nat = kNat;
  nat.replace(nat.find(":DOCKER -"), 9, ":VRMR-PREROUTING -");
  nat.replace(nat.find("-j DOCKER"), 9, "-j VRMR-PREROUTING");
  nat.replace(nat.find("-A DOCKER"), 9, "-A VRMR-PREROUTING");
  CHECK(Setup().look(kChains + kOwnChain + kDocker + kOwn + kOwnDrops, nat).empty());
}
