// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_line.h"

#include <cstdlib>
#include <ctime>

#include "diag/source.h"
#include "sema/resolve.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

net::Address at(std::string_view text) { return *net::Address::parse(text); }

/// Interface lan (eth0, 192.168.1.1 and 2001:db8::1), network home.lan behind it with a host pc, service http.
struct World {
  names::Index index;
  ir::MarkLayout marks;

  World() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    model::Policy model;
    model::Interface& interface = model.interfaces.emplace_back();
    interface.name = std::string("lan");
    interface.device = std::string("eth0");
    interface.addresses = {at("192.168.1.1"), at("2001:db8::1")};
    model.zones.emplace_back().name = std::string("lan");
    model::Network& network = model.networks.emplace_back();
    network.name = std::string("home");
    network.zone = "lan";
    network.prefixes = {*net::Prefix::parse("192.168.1.0/24"), *net::Prefix::parse("2001:db8::/64")};
    network.interfaces = {std::string("lan")};
    model::Host& host = model.hosts.emplace_back();
    host.name = std::string("pc");
    host.network = "home";
    host.zone = "lan";
    host.addresses = {at("2001:db8::50")};
    model::Service& service = model.services.emplace_back();
    service.name = std::string("http");
    service.port_sets = {model::PortSet{.protocol = net::Protocol::Tcp, .destination = {80, 80}}};
    diag::Sink sink;
    const diag::SourceMap sources;
    index = names::Index::build(model, sema::resolve(model, sources, sink));
  }

  [[nodiscard]] std::string begun(const apply::TrackedConnection& tracked) const {
    ConnectionNamer namer(index, marks);
    std::string line;
    ConnectionLine().append_new(line, namer.of(tracked), kTime);
    return line;
  }
  [[nodiscard]] std::string ended(const apply::TrackedConnection& tracked,
                                  std::optional<std::chrono::seconds> duration) const {
    ConnectionNamer namer(index, marks);
    std::string line;
    ConnectionLine().append_ended(line, namer.of(tracked), kTime, duration);
    return line;
  }

  static constexpr std::chrono::sys_seconds kTime{std::chrono::seconds(1'700'779'867)};
};

apply::TrackedConnection connection(std::string_view from, std::uint16_t from_port, std::string_view to,
                                    std::uint16_t to_port) {
  apply::TrackedConnection tracked;
  auto& original = tracked.connection.original;
  auto& reply = tracked.connection.reply;
  original = {.source = at(from), .destination = at(to), .source_port = from_port, .destination_port = to_port};
  reply = {.source = at(to), .destination = at(from), .source_port = to_port, .destination_port = from_port};
  return tracked;
}

}  // namespace

TEST_CASE("lines of connections are those of Vuurmuur 0.8") {
  const World world;
  auto tracked = connection("192.168.1.50", 39971, "192.168.1.1", 80);
  CHECK(world.begun(tracked) ==
        "Nov 23 22:51:07: NEW service http from 192.168.1.50 to firewall(lan) (192.168.1.50:39971 -> 192.168.1.1:80 "
        "TCP)\n");
  tracked.to = {1, 60};
  tracked.back = {1, 40};
  tracked.connection.mark = 1;
  CHECK(world.ended(tracked, std::chrono::seconds(0)) ==
        "Nov 23 22:51:07: ACCEPT service http from 192.168.1.50 to firewall(lan) (0s 60b><40b 192.168.1.50:39971 -> "
        "192.168.1.1:80 TCP mark:1)\n");
  tracked.connection.mark = 0x10005000;
  tracked.helper = "ftp";
  CHECK(
      world.ended(tracked, {}) ==
      "Nov 23 22:51:07: NFQUEUE(5) service http from 192.168.1.50 to firewall(lan) (?s 60b><40b 192.168.1.50:39971 -> "
      "192.168.1.1:80 TCP mark:268455936 helper:ftp)\n");
  tracked.connection.mark = 0x20003000;
  CHECK(world.ended(tracked, {}).find(": NFLOG(3) service") != std::string::npos);
}

TEST_CASE("IPv6, other protocols and unknown services have lines as well") {
  const World world;
  auto tracked = connection("2001:db8::50", 40000, "2001:db8::1", 80);
  CHECK(world.begun(tracked) ==
        "Nov 23 22:51:07: NEW service http from pc.home.lan to firewall(lan) ([2001:db8::50]:40000 -> [2001:db8::1]:80 "
        "TCP)\n");
  tracked = connection("192.168.1.50", 36771, "192.168.1.1", 9999);
  tracked.connection.original.protocol = tracked.connection.reply.protocol = net::Protocol::Udp;
  CHECK(world.begun(tracked) ==
        "Nov 23 22:51:07: NEW service 36771->9999(udp) from 192.168.1.50 to firewall(lan) (192.168.1.50:36771 -> "
        "192.168.1.1:9999 UDP)\n");
  tracked = connection("192.168.1.50", 0, "192.168.1.1", 0);
  tracked.connection.original.protocol = tracked.connection.reply.protocol = net::Protocol::Icmp;
  tracked.connection.original.icmp_type = 8;
  CHECK(world.begun(tracked) ==
        "Nov 23 22:51:07: NEW service 8/0(icmp) from 192.168.1.50 to firewall(lan) (192.168.1.50 -> 192.168.1.1 ICMP "
        "type "
        "8 code 0)\n");
}

TEST_CASE("what NAT does stands behind") {
  const World world;
  auto tracked = connection("192.168.1.50", 40000, "203.0.113.9", 80);
  tracked.connection.reply.destination = at("198.51.100.2");
  CHECK(world.begun(tracked).find("(192.168.1.50:40000 -> 203.0.113.9:80 TCP seen as 198.51.100.2:40000)\n") !=
        std::string::npos);
  tracked = connection("203.0.113.9", 40000, "198.51.100.2", 8080);
  tracked.connection.reply.source = at("192.168.1.80");
  tracked.connection.reply.source_port = 80;
  CHECK(
      world.begun(tracked) ==
      "Nov 23 22:51:07: NEW service http from 203.0.113.9 to 192.168.1.80 (203.0.113.9:40000 -> 198.51.100.2:8080 TCP "
      "sent to 192.168.1.80:80)\n");
}
