// SPDX-License-Identifier: GPL-2.0-or-later
#include "names/index.h"

#include "diag/source.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;
using names::Index;

namespace {

net::Address at(std::string_view text) { return *net::Address::parse(text); }

/// Networks wired.lan (192.168.0.0/16 and 2001:db8:1::/48) with eth0, srv.dmz (192.168.7.0/24) with eth1, world.inet
/// (everything) with "ppp+"; hosts, groups and services are the test's.
struct Policy {
  model::Policy model;

  Policy() {
    add_interface("inside", "eth0", {"192.168.0.1", "2001:db8:1::1"});
    add_interface("servers", "eth1", {"192.168.7.1"});
    add_interface("outside", "ppp+", {});
    add_network("wired", "lan", {"192.168.0.0/16", "2001:db8:1::/48"}, "inside");
    add_network("srv", "dmz", {"192.168.7.0/24"}, "servers");
    add_network("world", "inet", {"0.0.0.0/0", "::/0"}, "outside");
  }

  void add_interface(std::string name, std::string device, const std::vector<std::string>& addresses) {
    model::Interface& interface = model.interfaces.emplace_back();
    interface.name = std::move(name);
    interface.device = std::move(device);
    for (const std::string& address : addresses) interface.addresses.emplace_back(at(address));
    interface.dynamic_ipv4 = interface.dynamic_ipv6 = addresses.empty();
  }

  model::Network& add_network(std::string name, std::string zone, const std::vector<std::string>& prefixes,
                              std::string interface) {
    model.zones.emplace_back().name = zone;
    model::Network& network = model.networks.emplace_back();
    network.name = std::move(name);
    network.zone = std::move(zone);
    for (const std::string& prefix : prefixes) network.prefixes.emplace_back(*net::Prefix::parse(prefix));
    network.interfaces.emplace_back(std::move(interface));
    return network;
  }

  model::Host& add_host(std::string name, std::string network, std::string zone,
                        const std::vector<std::string>& addresses) {
    model::Host& host = model.hosts.emplace_back();
    host.name = std::move(name);
    host.network = std::move(network);
    host.zone = std::move(zone);
    for (const std::string& address : addresses) host.addresses.emplace_back(at(address));
    return host;
  }

  model::Service& add_service(std::string name, const std::vector<model::PortSet>& ports) {
    model::Service& service = model.services.emplace_back();
    service.name = std::move(name);
    for (const model::PortSet& each : ports) service.port_sets.emplace_back(each);
    return service;
  }

  [[nodiscard]] Index index(std::span<const names::OwnAddress> own = {}) const {
    diag::Sink sink;
    const diag::SourceMap sources;
    const sema::Policy policy = sema::resolve(model, sources, sink);
    return Index::build(model, policy, own);
  }
};

model::PortSet tcp(std::uint16_t first, std::uint16_t last) {
  return {.protocol = net::Protocol::Tcp, .destination = {first, last}};
}

model::PortSet icmp(std::optional<std::uint8_t> type, std::optional<std::uint8_t> code) {
  return {.protocol = net::Protocol::Icmp, .icmp_type = type, .icmp_code = code};
}

}  // namespace

TEST_CASE("a host is called by its full name in both families, and what is around it by its network and zone") {
  Policy policy;
  policy.add_host("printer", "wired", "lan", {"192.168.3.4", "2001:db8:1::4"});
  const Index index = policy.index();
  for (const char* text : {"192.168.3.4", "2001:db8:1::4"}) {
    CHECK(index.address(at(text)) == "printer.wired.lan");
    CHECK(index.network(at(text)) == "wired.lan");
    CHECK(index.zone(at(text)) == "lan");
  }
  for (const char* text : {"192.168.3.5", "2001:db8:1::5"}) {
    CHECK(index.address(at(text)) == std::nullopt);
    CHECK(index.network(at(text)) == "wired.lan");
    CHECK(index.zone(at(text)) == "lan");
  }
}

TEST_CASE("an address is in the network with the longest prefix that holds it") {
  const Index index = Policy().index();
  CHECK(index.network(at("192.168.7.9")) == "srv.dmz");
  CHECK(index.network(at("192.168.8.9")) == "wired.lan");
  CHECK(index.network(at("198.51.100.1")) == "world.inet");
  CHECK(index.zone(at("2001:db8:2::1")) == "inet");
}

TEST_CASE("a host is in its own network, whatever else holds its address") {
  Policy policy;
  policy.add_host("stray", "wired", "lan", {"192.168.7.20"});
  const Index index = policy.index();
  CHECK(index.address(at("192.168.7.20")) == "stray.wired.lan");
  CHECK(index.network(at("192.168.7.20")) == "wired.lan");
  CHECK(index.zone(at("192.168.7.20")) == "lan");
}

TEST_CASE("addresses of this machine are the firewall's, by the interface") {
  Policy policy;
  policy.add_host("gateway", "wired", "lan", {"192.168.0.1"});
  const Index index = policy.index(std::vector<names::OwnAddress>{
      {"ppp0", at("203.0.113.7")}, {"eth0", at("fe80::1")}, {"lo", at("127.0.0.1")}, {"eth1", at("192.168.7.1")}});
  CHECK(index.address(at("192.168.0.1")) == "firewall(inside)");
  CHECK(index.address(at("192.168.7.1")) == "firewall(servers)");
  CHECK(index.address(at("203.0.113.7")) == "firewall(outside)");
  CHECK(index.address(at("fe80::1")) == "firewall(inside)");
  CHECK(index.address(at("127.0.0.1")) == "firewall(lo)");
  CHECK(index.zone(at("203.0.113.7")) == "firewall");
  CHECK(index.network(at("203.0.113.7")) == std::nullopt);
}

TEST_CASE("broadcast addresses are those of networks that have one") {
  Policy policy;
  policy.add_network("link", "lan", {"10.0.0.0/31"}, "inside");
  policy.add_network("one", "lan", {"10.0.0.9"}, "inside");
  policy.add_host("last", "srv", "dmz", {"192.168.7.255"});
  const Index index = policy.index();
  CHECK(index.address(at("192.168.255.255")) == "wired.lan(broadcast)");
  CHECK(index.zone(at("192.168.255.255")) == "lan");
  CHECK(index.address(at("192.168.7.255")) == "last.srv.dmz");
  for (const char* text : {"10.0.0.1", "10.0.0.9", "255.255.255.255", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"})
    CHECK(index.address(at(text)) == std::nullopt);
}

TEST_CASE("what is inactive has no name") {
  Policy policy;
  policy.add_host("off", "wired", "lan", {"192.168.3.4"}).active = false;
  policy.add_host("in-off", "srv", "dmz", {"192.168.7.4"});
  policy.model.networks[1].active = false;
  policy.add_service("ssh", {tcp(22, 22)}).active = false;
  const Index index = policy.index();
  CHECK(index.address(at("192.168.3.4")) == std::nullopt);
  CHECK(index.address(at("192.168.7.4")) == std::nullopt);
  CHECK(index.zone(at("192.168.7.4")) == "lan");
  CHECK(index.service(net::Protocol::Tcp, 1024, 22) == std::nullopt);
}

TEST_CASE("of two hosts with an address the first of the policy gives the name") {
  Policy policy;
  policy.add_host("a", "wired", "lan", {"192.168.3.4"});
  policy.add_host("b", "wired", "lan", {"192.168.3.4"});
  CHECK(policy.index().address(at("192.168.3.4")) == "a.wired.lan");
}

TEST_CASE("groups are told on request, active ones alone") {
  Policy policy;
  policy.add_host("a", "wired", "lan", {"192.168.3.4"});
  policy.add_host("b", "wired", "lan", {"192.168.3.5"});
  for (const char* name : {"staff", "gone", "all"}) {
    model::Group& group = policy.model.groups.emplace_back();
    group.name = std::string(name);
    group.network = "wired";
    group.zone = "lan";
    group.members = {std::string("b")};
    if (group.name.value == "all") group.members.emplace_back("a");
    group.active = group.name.value != "gone";
  }
  const Index index = policy.index();
  CHECK(index.groups(at("192.168.3.5")) == std::vector<std::string_view>{"staff.wired.lan", "all.wired.lan"});
  CHECK(index.groups(at("192.168.3.4")) == std::vector<std::string_view>{"all.wired.lan"});
  CHECK(index.groups(at("192.168.3.6")).empty());
  CHECK(index.groups(at("192.168.0.1")).empty());
}

TEST_CASE("the service with the fewest ports is meant, then the one with the fewest lines, then the first") {
  Policy policy;
  policy.add_service("everything", {tcp(0, 65535)});
  policy.add_service("low", {tcp(1, 1023)});
  policy.add_service("web", {tcp(80, 80), tcp(443, 443)});
  policy.add_service("http", {tcp(80, 80)});
  policy.add_service("www", {tcp(80, 80)});
  policy.add_service("ntp-peer", {{.protocol = net::Protocol::Udp, .destination = {123, 123}, .source = {123, 123}}});
  policy.add_service("ntp", {{.protocol = net::Protocol::Udp, .destination = {123, 123}}});
  const Index index = policy.index();
  const auto service = [&](std::uint16_t port) { return index.service(net::Protocol::Tcp, 40000, port); };
  CHECK(service(80) == "http");
  CHECK(service(443) == "web");
  CHECK(service(1) == "low");
  CHECK(service(1023) == "low");
  CHECK(service(0) == "everything");
  CHECK(service(1024) == "everything");
  CHECK(service(65535) == "everything");
  CHECK(index.service(net::Protocol::Udp, 123, 123) == "ntp-peer");
  CHECK(index.service(net::Protocol::Udp, 124, 123) == "ntp");
  CHECK(index.service(net::Protocol::Udp, 123, 124) == std::nullopt);
}

TEST_CASE("of ICMP type and code are asked, of other protocols the protocol") {
  Policy policy;
  policy.add_service("any-icmp", {icmp({}, {})});
  policy.add_service("unreachable", {icmp(std::uint8_t{3}, {})});
  policy.add_service("port-unreachable", {icmp(std::uint8_t{3}, std::uint8_t{3})});
  policy.add_service("tunnel", {{.protocol = net::Protocol::Gre}});
  const Index index = policy.index();
  CHECK(index.service(net::Protocol::Icmp, 3, 3) == "port-unreachable");
  CHECK(index.service(net::Protocol::Icmp, 3, 4) == "unreachable");
  CHECK(index.service(net::Protocol::Icmp, 8, 0) == "any-icmp");
  CHECK(index.service(net::Protocol::Icmpv6, 128, 0) == std::nullopt);
  CHECK(index.service(net::Protocol::Gre, 7, 9) == "tunnel");
  CHECK(index.service(net::Protocol::Esp, 0, 0) == std::nullopt);
}

TEST_CASE("an index of an empty policy knows nothing, and one that was moved still does") {
  const Index nothing = Index::build({}, {});
  CHECK(nothing.zone(at("192.0.2.1")) == std::nullopt);
  CHECK(nothing.address(at("2001:db8::1")) == std::nullopt);
  CHECK(nothing.service(net::Protocol::Tcp, 1, 2) == std::nullopt);
  Policy policy;
  policy.add_host("a", "wired", "lan", {"192.168.3.4"});
  Index first = policy.index();
  const Index second = std::move(first);
  CHECK(second.address(at("192.168.3.4")) == "a.wired.lan");
}
