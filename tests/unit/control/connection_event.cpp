// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_event.h"

#include <nlohmann/json.hpp>

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

  /// Calls `append` with what the connection is called.
  template <class Append>
  [[nodiscard]] std::string line(ConnectionEvent::What what, const apply::TrackedConnection& tracked,
                                 std::optional<std::chrono::seconds> duration, Append append) const {
    ConnectionNamer namer(index, marks);
    NamedConnection named = namer.of(tracked);
    named.rule = rule;
    named.place = rule.empty() ? "" : "rules/rules.conf:3";
    std::string text;
    append(text, ConnectionEvent{.what = what, .time = kTime, .named = named, .duration = duration});
    return text;
  }
  [[nodiscard]] std::string begun(const apply::TrackedConnection& tracked) const {
    return line(ConnectionEvent::What::Begun, tracked, {}, append_text);
  }
  [[nodiscard]] std::string ended(const apply::TrackedConnection& tracked,
                                  std::optional<std::chrono::seconds> duration) const {
    return line(ConnectionEvent::What::Ended, tracked, duration, append_text);
  }

  std::string rule{};
  static constexpr log::Time kTime{std::chrono::seconds(1'700'779'867)};
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

TEST_CASE("lines of connections begin as those of Vuurmuur 0.8") {
  World world;
  auto tracked = connection("192.168.1.50", 39971, "192.168.1.1", 80);
  CHECK(world.begun(tracked) ==
        "NEW service http from 192.168.1.50 to firewall(lan) (192.168.1.50:39971 -> 192.168.1.1:80 TCP) [in]");
  tracked.to = {1, 60};
  tracked.back = {1, 40};
  tracked.connection.mark = 1;
  world.rule = "rule 3: accept http from lan to firewall";
  CHECK(world.ended(tracked, std::chrono::seconds(0)) ==
        "ACCEPT service http from 192.168.1.50 to firewall(lan) (0s 60b><40b 192.168.1.50:39971 -> 192.168.1.1:80 TCP "
        "mark:1) [in, 1p><1p, rule 3: accept http from lan to firewall, rules/rules.conf:3]");
  tracked.connection.mark = 0x10005000;
  tracked.helper = "ftp";
  CHECK(
      world.begun(tracked) ==
      "NEW service http from 192.168.1.50 to firewall(lan) (192.168.1.50:39971 -> 192.168.1.1:80 TCP helper:ftp) [in, "
      "queue 5, rule 3: accept http from lan to firewall, rules/rules.conf:3]");
  CHECK(world.ended(tracked, {}) ==
        "NFQUEUE(5) service http from 192.168.1.50 to firewall(lan) (?s 60b><40b 192.168.1.50:39971 -> 192.168.1.1:80 "
        "TCP mark:268455936 helper:ftp) [in, 1p><1p, rule 3: accept http from lan to firewall, rules/rules.conf:3]");
  tracked.connection.mark = 0x20003000;
  CHECK(world.ended(tracked, {}).starts_with("NFLOG(3) service"));
}

TEST_CASE("IPv6, other protocols and unknown services have lines as well") {
  const World world;
  auto tracked = connection("2001:db8::50", 40000, "2001:db8::1", 80);
  CHECK(world.begun(tracked) ==
        "NEW service http from pc.home.lan to firewall(lan) ([2001:db8::50]:40000 -> [2001:db8::1]:80 TCP) [in]");
  tracked = connection("192.168.1.50", 36771, "192.168.1.1", 9999);
  tracked.connection.original.protocol = tracked.connection.reply.protocol = net::Protocol::Udp;
  CHECK(world.begun(tracked) ==
        "NEW service 36771->9999(udp) from 192.168.1.50 to firewall(lan) (192.168.1.50:36771 -> 192.168.1.1:9999 UDP) "
        "[in]");
  tracked = connection("192.168.1.50", 0, "192.168.1.1", 0);
  tracked.connection.original.protocol = tracked.connection.reply.protocol = net::Protocol::Icmp;
  tracked.connection.original.icmp_type = 8;
  CHECK(
      world.begun(tracked) ==
      "NEW service 8/0(icmp) from 192.168.1.50 to firewall(lan) (192.168.1.50 -> 192.168.1.1 ICMP type 8 code 0) [in]");
}

TEST_CASE("what NAT does stands behind, of both sides") {
  const World world;
  auto tracked = connection("192.168.1.50", 40000, "203.0.113.9", 80);
  tracked.connection.reply.destination = at("198.51.100.2");
  CHECK(world.begun(tracked) ==
        "NEW service http from 192.168.1.50 to 203.0.113.9 (192.168.1.50:40000 -> 203.0.113.9:80 TCP seen as "
        "198.51.100.2:40000) [forward]");
  tracked = connection("203.0.113.9", 40000, "198.51.100.2", 8080);
  tracked.connection.reply.source = at("192.168.1.80");
  tracked.connection.reply.source_port = 80;
  CHECK(world.begun(tracked) ==
        "NEW service http from 203.0.113.9 to 192.168.1.80 (203.0.113.9:40000 -> 198.51.100.2:8080 TCP sent to "
        "192.168.1.80:80) [forward]");
}

TEST_CASE("a connection goes in, out or through, or stays here") {
  const World world;
  const auto direction = [&](std::string_view from, std::string_view to) {
    const auto tracked = connection(from, 1, to, 2);
    return std::string(direction_of(ConnectionNamer(world.index, world.marks).of(tracked)));
  };
  CHECK(direction("192.168.1.50", "192.168.1.1") == "in");
  CHECK(direction("2001:db8::1", "2001:db8::50") == "out");
  CHECK(direction("192.168.1.50", "203.0.113.9") == "forward");
  CHECK(direction("192.168.1.1", "192.168.1.1") == "local");
  CHECK(direction("192.168.1.50", "192.168.1.255") == "in");
  CHECK(direction("192.168.1.50", "224.0.0.251") == "in");
  CHECK(direction("0.0.0.0", "255.255.255.255") == "in");
  CHECK(direction("192.168.1.1", "224.0.0.251") == "out");
}

TEST_CASE("as JSON and for the journal all of it has a name") {
  World world;
  world.rule = "rule 3: portfw http from inet to lan";
  auto tracked = connection("203.0.113.9", 40000, "198.51.100.2", 8080);
  tracked.connection.reply = {
      .source = at("192.168.1.80"), .destination = at("192.168.1.1"), .source_port = 80, .destination_port = 50000};
  tracked.connection.mark = 0x10005000;
  tracked.connection.id = 77;
  tracked.to = {3, 180};
  tracked.back = {2, 140};
  tracked.helper = "ftp";
  const auto json = [](std::string& out, const ConnectionEvent& event) { append_json(out, event); };
  CHECK(nlohmann::json::parse(world.line(ConnectionEvent::What::Ended, tracked, std::chrono::seconds(9), json)) ==
        nlohmann::json({{"time", "2023-11-23T22:51:07.000000Z"},
                        {"event", "end"},
                        {"action", "NFQUEUE(5)"},
                        {"service", "http"},
                        {"from", "203.0.113.9"},
                        {"to", "192.168.1.80"},
                        {"to_zone", "lan"},
                        {"source", "203.0.113.9"},
                        {"source_port", 40000},
                        {"destination", "198.51.100.2"},
                        {"destination_port", 8080},
                        {"protocol", "TCP"},
                        {"seen_as", "192.168.1.1"},
                        {"seen_as_port", 50000},
                        {"sent_to", "192.168.1.80"},
                        {"sent_to_port", 80},
                        {"direction", "forward"},
                        {"duration", 9},
                        {"packets", 3},
                        {"bytes", 180},
                        {"packets_back", 2},
                        {"bytes_back", 140},
                        {"queue", 5},
                        {"mark", 0x10005000},
                        {"helper", "ftp"},
                        {"rule", "rule 3: portfw http from inet to lan"},
                        {"place", "rules/rules.conf:3"},
                        {"id", 77}}));
  const auto begun = nlohmann::json::parse(world.line(ConnectionEvent::What::Begun, tracked, {}, json));
  CHECK(begun.at("event") == "new");
  for (const char* key : {"action", "duration", "packets", "bytes_back"}) CHECK_FALSE(begun.contains(key));
  const std::string fields =
      world.line(ConnectionEvent::What::Ended, tracked, std::chrono::seconds(9),
                 [](std::string& out, const ConnectionEvent& event) { append_journal_fields(out, event); });
  CHECK(fields.starts_with("VUURMUUR_EVENT=end\nVUURMUUR_ACTION=NFQUEUE(5)\nVUURMUUR_SERVICE=http\n"));
  CHECK(fields.find("\nVUURMUUR_SEEN_AS=192.168.1.1\nVUURMUUR_SEEN_AS_PORT=50000\n") != std::string::npos);
  CHECK(fields.find("\nVUURMUUR_DURATION=9\n") != std::string::npos);
}

TEST_CASE("what others chose stays in its line") {
  World world;
  world.rule = "rule 3: \x1b]0;x\x07 \n\xff";
  auto tracked = connection("192.168.1.50", 1, "192.168.1.1", 2);
  tracked.helper = "a\nb\x1b";
  const std::string line = world.begun(tracked);
  CHECK(line.find("helper:a\\x0ab\\x1b)") != std::string::npos);
  CHECK(line.ends_with("[in, rule 3: \\x1b]0;x\\x07 \\x0a\\xff, rules/rules.conf:3]"));
  std::string json = world.line(ConnectionEvent::What::Begun, tracked, {},
                                [](std::string& out, const ConnectionEvent& event) { append_json(out, event); });
  CHECK(json.find('\n') == std::string::npos);
  CHECK(nlohmann::json::parse(json).at("helper") == "a\nb\x1b");
}
