// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts that are written by name, a DNS server beside the firewall, and the daemon that asks it. Times are printed.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "lab/dns_server.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using lab::DnsReply;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Rules and sets of both families.
std::string rules(const std::string& engine) {
  if (engine == "nft") return lab::run_ok({"nft", "-s", "list", "ruleset"});
  return lab::run_ok({"iptables-legacy-save"}) + lab::run_ok({"ip6tables-legacy-save"}) + lab::run_ok({"ipset", "list"});
}

void write_host(const SmallTree& tree, const std::string& name, const std::string& lines) {
  tree.write("zones/inet/networks/world/hosts/" + name + ".host", "ACTIVE=\"Yes\"\n" + lines);
}

/// A host "named" of the name name.example, whose server is `server`, and answers of it hold at least a second.
void write_tree(const Firewall& firewall, const std::string& engine, const std::string& server) {
  firewall.tree.write("config.conf", "BACKEND=\"" + engine + "\"\nDNS_SERVER=\"" + server + "\"\nDNS_TTL_MIN=\"1\"\n");
  write_host(firewall.tree, "named", "ADDRESS=\"name.example\"\n");
  write_host(firewall.tree, "peer", "IPADDRESS=\"192.0.2.2\"\n");
  firewall.tree.rules("accept service http from named.world.inet to firewall\naccept service any from peer.world.inet to firewall");
}

void know(const Firewall& firewall, const std::string& line) {
  std::filesystem::create_directories(firewall.state());
  std::ofstream(firewall.state() / "names") << line;
}

std::string known(const Firewall& firewall) {
  std::stringstream text;
  text << std::ifstream(firewall.state() / "names").rdbuf();
  return text.str();
}

/// What is sent to 203.0.113.53 is lost: no answer, and no refusal either.
void lead_nowhere() {
  lab::ip("link add nowhere type veth peer name nowhere-far\naddr add 203.0.113.1/24 dev nowhere\nlink set nowhere-far up\n"
          "link set nowhere up\nneigh add 203.0.113.53 lladdr 02:00:00:00:00:01 dev nowhere\n");
}

}  // namespace

TEST_CASE("the rules follow what DNS tells of a name, and nothing else changes") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  DaemonFixture fixture;
  const Firewall& firewall = fixture.firewall;
  lab::DnsServer server;
  server.set("name.example", {"198.51.100.1"}, 1);
  write_tree(firewall, engine, server.place());
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(eventually([&] { return has(rules(engine), "198.51.100.1"); }));

  // Somebody else's connection and counters.
  std::optional<UdpSocket> there;
  {
    const lab::Inside inside(firewall.peer());
    there.emplace("192.0.2.2");
  }
  const UdpSocket here("192.0.2.1");
  REQUIRE(arrives(*there, here));
  const auto packets = [&] {
    for (const auto& row : firewall.json({"counters"}))
      if (has(row.at("rule"), "from peer.world.inet")) return row.at("packets").get<int>();
    return -1;
  };
  const int before = packets();
  REQUIRE(before > 0);

  server.set("name.example", {"198.51.100.7", "198.51.100.8"}, 1);
  server.set("name.example", {"2001:db8::7"}, 1);
  const auto begin = Clock::now();
  CHECK(eventually([&] {
    const std::string now = rules(engine);
    return has(now, "198.51.100.7") && has(now, "198.51.100.8") && has(now, "2001:db8::7");
  }));
  std::printf("%s: another answer is in force after %.2f s, of which it may be held for 1 s\n", engine.c_str(), seconds_since(begin));
  CHECK_FALSE(has(rules(engine), "198.51.100.1"));
  CHECK(packets() >= before);
  CHECK(arrives(*there, here));
  CHECK(firewall.json({"history"}).size() == 1);
  CHECK(eventually([&] { return known(firewall) == "name.example 4 198.51.100.7 198.51.100.8\nname.example 6 2001:db8::7\n"; }));
}

TEST_CASE("a server that fails or is silent keeps what it told last; that there is no such name takes it away") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  lab::DnsServer server;
  server.set("name.example", {"198.51.100.1"}, 1);
  write_tree(fixture.firewall, engine, server.place());
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(eventually([&] { return has(rules(engine), "198.51.100.1"); }));
  for (const auto kind : {DnsReply::Kind::ServerFailure, DnsReply::Kind::Silence}) {
    server.set("name.example", net::Family::Ipv4, {.kind = kind, .addresses = {}});
    const std::size_t asked = server.asked("name.example", net::Family::Ipv4);
    CHECK(eventually([&] { return server.asked("name.example", net::Family::Ipv4) >= asked + 2; }));
    CHECK(has(rules(engine), "198.51.100.1"));
    server.set("name.example", {"198.51.100.1"}, 1);
  }
  server.set("name.example", net::Family::Ipv4, {.kind = DnsReply::Kind::NoSuchName});
  CHECK(eventually([&] { return !has(rules(engine), "198.51.100.1"); }));
  server.set("name.example", {"198.51.100.2"}, 1);
  CHECK(eventually([&] { return has(rules(engine), "198.51.100.2"); }));
}

TEST_CASE("addresses of the machine itself or of everybody are refused") {
  DaemonFixture fixture;
  lab::DnsServer server;
  server.set("name.example", {"127.0.0.1", "224.0.0.9", "198.51.100.1"}, 1);
  server.set("name.example", {"::1"}, 1);
  write_tree(fixture.firewall, "nft", server.place());
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(eventually([&] { return has(rules("nft"), "198.51.100.1"); }));
  CHECK(eventually([&] { return known(fixture.firewall) == "name.example 4 198.51.100.1\nname.example 6\n"; }));
}

TEST_CASE("apply asks for names that nobody asked for, and what they were told is there without DNS") {
  const std::string engine = GENERATE("xtables", "nft");
  const Firewall firewall;
  std::optional<lab::DnsServer> server(std::in_place);
  server->set("name.example", {"198.51.100.1"}, 3600);
  const std::uint16_t port = server->port();
  write_tree(firewall, engine, server->place());
  const Outcome applied = firewall.apply();
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK(applied.err.empty());
  CHECK(has(rules(engine), "198.51.100.1"));
  CHECK(known(firewall) == "name.example 4 198.51.100.1\nname.example 6\n");
  const std::size_t asked = server->asked();
  // It is known by now: nobody is asked, here and by all that only look.
  CHECK(firewall.apply().status == 0);
  const std::string tree = firewall.tree.path().string();
  CHECK(firewall.run({"check", tree}).err.empty());
  CHECK(has(firewall.run({"compile", "--format=" + std::string(engine == "nft" ? "nft" : "iptables-save"), tree}).out, "198.51.100.1"));
  CHECK(firewall.run({"apply", "--dry-run", tree}).status == 0);
  CHECK(server->asked() == asked);
  server.reset();
  lab::DnsServer liar("127.0.0.1", port);
  lab::run_ok({VM_PROGRAM, "clear", "--yes"});
  CHECK(firewall.run({"restore"}).status == 0);
  CHECK(has(rules(engine), "198.51.100.1"));
  CHECK(liar.asked() == 0);
}

TEST_CASE("names that the confirmed policy has no more are forgotten, not before it is confirmed, and asked for anew on the way back") {
  const Firewall firewall;
  lab::DnsServer server;
  server.set("name.example", {"198.51.100.1"}, 3600);
  server.set("other.example", {"198.51.100.2"}, 3600);
  write_tree(firewall, "xtables", server.place());
  REQUIRE(firewall.apply().status == 0);
  const std::string first = "name.example 4 198.51.100.1\nname.example 6\n",
                    second = "other.example 4 198.51.100.2\nother.example 6\n";
  CHECK(known(firewall) == first);
  write_host(firewall.tree, "named", "ADDRESS=\"other.example\"\n");
  REQUIRE(firewall.apply({"--confirm=60"}).status == 0);
  CHECK(known(firewall) == first + second);
  REQUIRE(firewall.run({"confirm"}).status == 0);
  CHECK(known(firewall) == second);
  REQUIRE(firewall.run({"rollback", "1"}).status == 0);
  CHECK(has(rules("xtables"), "198.51.100.1"));
  CHECK(known(firewall) == first);
}

TEST_CASE("check and compile say of names that are not known, and ask nobody") {
  const Firewall firewall;
  lab::DnsServer server;
  server.set("name.example", {"198.51.100.1"});
  write_tree(firewall, "xtables", server.place());
  const Outcome checked = firewall.run({"check", firewall.tree.path().string()});
  CHECK(checked.status == 0);
  CHECK(has(checked.err, "no address of 'name.example' is known"));
  const Outcome compiled = firewall.run({"compile", firewall.tree.path().string()});
  CHECK(compiled.status == 0);
  CHECK_FALSE(has(compiled.out, "accept http from named.world.inet"));
  CHECK(server.asked() == 0);
}

TEST_CASE("dead DNS delays no start and no load of the daemon, and apply no longer than is said") {
  const std::string engine = GENERATE("xtables", "nft");
  const bool is_known = GENERATE(true, false);
  CAPTURE(engine, is_known);
  DaemonFixture fixture;
  const Firewall& firewall = fixture.firewall;
  lead_nowhere();
  write_tree(firewall, engine, "203.0.113.53");
  constexpr int kNames = 200;
  std::string answers = is_known ? "name.example 4 198.51.100.1\nname.example 6\n" : "";
  for (int i = 0; i < kNames; ++i) {
    write_host(firewall.tree, fmt::format("n{}", i), fmt::format("ADDRESS=\"n{}.example\"\n", i));
    if (is_known) answers += fmt::format("n{0}.example 4 10.1.0.{0}\nn{0}.example 6\n", i);
  }
  if (is_known) know(firewall, answers);
  auto begin = Clock::now();
  const Outcome applied = firewall.apply();
  const double apply_took = seconds_since(begin);
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK(has(rules(engine), "198.51.100.1") == is_known);
  CHECK(has(applied.err, "no address of 'name.example' is known") != is_known);

  begin = Clock::now();
  fixture.start();
  const double start_took = seconds_since(begin);
  fixture.daemon.reset();
  // The same without anything to ask.
  firewall.tree.rules("accept service any from peer.world.inet to firewall");
  std::filesystem::remove_all(firewall.tree.path() / "zones/inet/networks/world/hosts");
  write_host(firewall.tree, "peer", "IPADDRESS=\"192.0.2.2\"\n");
  begin = Clock::now();
  REQUIRE(firewall.apply().status == 0);
  const double plain_apply_took = seconds_since(begin);
  begin = Clock::now();
  fixture.start();
  const double plain_start_took = seconds_since(begin);
  std::printf("%s, %d names %s, DNS dead: apply %.2f s (%.2f s without names), start %.2f s (%.2f s)\n", engine.c_str(), kNames,
              is_known ? "known" : "not known", apply_took, plain_apply_took, start_took, plain_start_took);
  CHECK(apply_took < plain_apply_took + (is_known ? 1.5 : 3.5));
  CHECK(start_took < plain_start_took + 1.5);
}

TEST_CASE("the daemon answers at once while DNS is dead") {
  DaemonFixture fixture;
  lead_nowhere();
  write_tree(fixture.firewall, "nft", "203.0.113.53");
  fixture.start();
  const auto begin = Clock::now();
  REQUIRE(fixture.call("Apply").error.empty());
  for (int i = 0; i < 20; ++i) REQUIRE(fixture.call("Status").parameters.at("state") == "confirmed");
  CHECK(seconds_since(begin) < 2.0);
  // And comes to know the name when the server is there.
  lab::ip("link del nowhere\naddr add 203.0.113.53/32 dev lo\n");
  const auto back = Clock::now();
  lab::DnsServer server("203.0.113.53", 53);
  server.set("name.example", {"198.51.100.1"}, 1);
  CHECK(eventually([&] { return has(rules("nft"), "198.51.100.1"); }));
  std::printf("DNS is back: rules after %.2f s\n", seconds_since(back));
}

TEST_CASE("a thousand names are asked for side by side and are few loads") {
  DaemonFixture fixture;
  lab::DnsServer server;
  constexpr int kNames = 1000;
  for (int i = 0; i < kNames; ++i) {
    write_host(fixture.firewall.tree, fmt::format("n{}", i), fmt::format("IPADDRESS=\"n{}.example\"\n", i));
    server.set(fmt::format("n{}.example", i), {fmt::format("10.1.{}.{}", i / 250, i % 250)}, 60);
  }
  write_tree(fixture.firewall, "nft", server.place());
  std::string group = "ACTIVE=\"Yes\"\n";
  for (int i = 0; i < kNames; ++i) group += fmt::format("MEMBER=\"n{}\"\n", i);
  fixture.firewall.tree.write("zones/inet/networks/world/groups/all.group", group);
  fixture.firewall.tree.rules("accept service http from all.world.inet to firewall");
  fixture.start();
  server.delay(std::chrono::milliseconds(5));
  const auto begin = Clock::now();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(eventually([&] {
    const std::string text = known(fixture.firewall);
    return std::count(text.begin(), text.end(), '\n') >= kNames;
  }));
  CHECK(eventually([&] { return has(rules("nft"), "10.1.0.0") && has(rules("nft"), "10.1.3.2"); }));
  std::printf("1,000 names: known and in force after %.2f s, at most %zu at once\n", seconds_since(begin), server.most_at_once());
  CHECK(server.most_at_once() <= 64);
}
