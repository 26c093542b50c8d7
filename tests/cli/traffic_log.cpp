// SPDX-License-Identifier: GPL-2.0-or-later
// What rules log: from packets in a namespace to lines of the daemon's file, of who watches, and of "vuurmuur log".
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "helpers/watcher.h"
#include "lab/dns_server.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

/// A daemon that writes its log into a directory of the test, with both families on the wire to the peer.
struct LogFixture : DaemonFixture {
  TemporaryDirectory logs;

  explicit LogFixture(
      const std::string& settings = {},
      const std::string& rules = "drop service any from world.inet to firewall options log,logprefix=\"knock\"") {
    lab::ip("addr add 2001:db8::1/64 dev eth0 nodad\n");
    {
      const lab::Inside there(firewall.peer());
      lab::ip("addr add 2001:db8::2/64 dev far0 nodad\n");
    }
    firewall.tree.write("config.conf",
                        fmt::format("LOGDIR=\"{}\"\nLOG_POLICY_LIMIT=\"0\"\n{}", logs.path().string(), settings));
    firewall.tree.rules(rules);
  }
  [[nodiscard]] std::string path() const { return (logs.path() / "traffic.log").string(); }
  [[nodiscard]] std::vector<std::string> lines(const std::string& name = "traffic.log") const {
    std::ifstream file(logs.path() / name);
    std::vector<std::string> found;
    for (std::string line; std::getline(file, line);) found.push_back(line);
    return found;
  }
  /// A packet of UDP from the peer to a port of this machine, and nothing to answer it.
  void knock(const std::string& from, const std::string& to, std::uint16_t port = 9999) const {
    const lab::Inside there(firewall.peer());
    const UdpSocket sender(from);
    UdpSocket far = UdpSocket(from);
    const auto address = net::Address::parse(to);
    REQUIRE(address);
    if (address->family == net::Family::Ipv4) {
      auto* name = reinterpret_cast<sockaddr_in*>(&far.name);
      std::memcpy(&name->sin_addr, address->bytes.data(), 4);
      name->sin_port = htons(port);
    } else {
      auto* name = reinterpret_cast<sockaddr_in6*>(&far.name);
      std::memcpy(&name->sin6_addr, address->bytes.data(), 16);
      name->sin6_port = htons(port);
    }
    static_cast<void>(::sendto(sender.fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&far.name), far.size));
  }
  [[nodiscard]] bool has_line(const std::string& text, const std::string& name = "traffic.log") const {
    const auto all = lines(name);
    return std::ranges::any_of(all, [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
  [[nodiscard]] Outcome log(std::vector<std::string> words) const {
    words.insert(words.begin(), {"log", "--file=" + logs.path().string()});
    return firewall.run(std::move(words));
  }
};

/// How long it takes until something is so, asked every millisecond.
std::chrono::milliseconds time_until(const std::function<bool()>& condition) {
  const auto begin = std::chrono::steady_clock::now();
  while (!condition() && std::chrono::steady_clock::now() - begin < 20s) ::usleep(1000);
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

TEST_CASE("a packet that a rule logs is in the file within 100 ms, with the rule and its line") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  LogFixture fixture(fmt::format("BACKEND=\"{}\"\n", engine));
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  // Neighbours have to be found.
  for (const auto& [from, to] : {std::pair{"192.0.2.2", "192.0.2.1"}, {"2001:db8::2", "2001:db8::1"}}) {
    const auto knocks = [&, from, to](std::uint16_t port) {
      fixture.knock(from, to, port);
      return fixture.has_line(fmt::format(":{} UDP", port));
    };
    // A range of ports for each family, so that no line of the other is taken for one.
    const auto first = static_cast<std::uint16_t>(from[1] == '9' ? 1000 : 2000);
    const auto last_port = static_cast<std::uint16_t>(first + 4);
    REQUIRE(eventually([&] { return knocks(static_cast<std::uint16_t>(first - 1)); }));
    std::chrono::milliseconds best = 20s;
    for (std::uint16_t port = first; port <= last_port; ++port) {
      fixture.knock(from, to, port);
      best = std::min(best, time_until([&] { return fixture.has_line(fmt::format(":{} UDP", port)); }));
    }
    CHECK(best < 100ms);
    const auto all = fixture.lines();
    const auto last = std::ranges::find_if(all, [&](const std::string& line) {
      return line.find(fmt::format(":{} UDP", last_port)) != std::string::npos;
    });
    REQUIRE(last != all.end());
    INFO(*last);
    CHECK(last->find(": DROP service ") == 15);
    CHECK(last->find(", prefix: \"knock \" (in: eth0 ") != std::string::npos);
    CHECK(last->find(" UDP len:9 ttl:64) [rule 1: drop any from world.inet to firewall, rules/rules.conf:1, #") !=
          std::string::npos);
    CHECK(last->find(fmt::format(" from {} to firewall(nic), ", from)) != std::string::npos);
    CHECK(last->find("service ") != std::string::npos);
  }
}

TEST_CASE("a reload changes what lines say, and old lines are still explained") {
  LogFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  REQUIRE(eventually([&] {
    fixture.knock("192.0.2.2", "192.0.2.1", 1);
    return fixture.has_line("[rule 1: drop any from world.inet to firewall, rules/rules.conf:1, #");
  }));
  const std::string before = fixture.lines().back();
  fixture.firewall.tree.rules(
      "accept service http from world.inet to firewall\n"
      "drop service any from world.inet to firewall options log,logprefix=\"knock\"");
  REQUIRE(fixture.call("Apply").error.empty());
  fixture.knock("192.0.2.2", "192.0.2.1", 2);
  REQUIRE(eventually([&] { return fixture.has_line(":2 UDP"); }));
  const std::string after = fixture.lines().back();
  CHECK(after.find("[rule 2: drop any from world.inet to firewall, rules/rules.conf:2, #") != std::string::npos);
  // The same rule.
  CHECK(before.substr(before.rfind('#')) == after.substr(after.rfind('#')));

  const Outcome told = fixture.log({"--why"});
  CHECK(told.status == 0);
  CHECK(
      told.out.find(
          "    at rules/rules.conf:1\n    Rule 1: drop any from world.inet to firewall was the first that this packet "
          "matched: it was dropped. It is in force as rule 2: drop any from world.inet to firewall "
          "(rules/rules.conf:2).\n") != std::string::npos);
  CHECK(told.out.find("it was dropped. It is in force.\n") != std::string::npos);

  fixture.firewall.tree.rules("drop service any from world.inet to firewall");
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(fixture.log({"--why"}).out.find("It is not in force any more.") != std::string::npos);
}

TEST_CASE("whoever watches sees what the file gets, and one without a daemon asks the kernel") {
  const bool has_daemon = GENERATE(true, false);
  CAPTURE(has_daemon);
  LogFixture fixture;
  if (has_daemon) {
    fixture.start();
    REQUIRE(fixture.call("Apply").error.empty());
  } else {
    REQUIRE(fixture.firewall.apply().status == 0);
  }
  Watcher watcher(fixture, has_daemon ? fixture.socket : "none", {"log", "--follow", "--json", "--why"});
  REQUIRE(eventually([&] {
    fixture.knock("192.0.2.2", "192.0.2.1", 4711);
    return !watcher.objects().empty();
  }));
  const auto entry = watcher.objects().front();
  CHECK(entry.at("action") == "DROP");
  CHECK(entry.at("prefix") == "knock");
  CHECK(entry.at("destination_port") == 4711);
  CHECK(entry.at("in") == "eth0");
  CHECK(entry.at("protocol") == "UDP");
  CHECK(entry.at("rule") == "rule 1: drop any from world.inet to firewall");
  CHECK(entry.at("place") == "rules/rules.conf:1");
  CHECK(entry.at("why").get<std::string>().ends_with("it was dropped. It is in force."));
  CHECK(watcher.end(SIGINT) == 0);
}

TEST_CASE("the log is searched by time, and what is not there is said with the exit status") {
  LogFixture fixture;
  CHECK(fixture.log({}).status == 1);
  CHECK(fixture.firewall.run({"log", "--file=/nothing/here"}).status == 2);
  CHECK(fixture.log({"--since=soon"}).status == 2);
  CHECK(fixture.log({"--follow", "--until=1h"}).status == 2);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  REQUIRE(eventually([&] {
    fixture.knock("192.0.2.2", "192.0.2.1");
    return fixture.has_line(" UDP ");
  }));
  const Outcome all = fixture.log({"--since=1h"});
  CHECK(all.status == 0);
  CHECK(all.out.starts_with(fixture.lines().front()));
  CHECK(fixture.log({"--until=1h"}).status == 1);
  // Also where it was moved and compressed.
  std::filesystem::rename(fixture.path(), fixture.path() + ".1");
  REQUIRE(lab::run({"gzip", fixture.path() + ".1"}).status == 0);
  const Outcome compressed = fixture.log({"--since=1h"});
  CHECK(compressed.status == 0);
  CHECK(compressed.out.starts_with(all.out.substr(0, all.out.find('\n') + 1)));
}

TEST_CASE("of a flood each packet is logged or counted as left out, and the daemon answers meanwhile") {
  // The protection against floods of UDP would stop all but some fifty of them before they are logged.
  LogFixture fixture("USE_UDP_LIMIT=\"No\"\n");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  struct Told {
    std::uint64_t met = 0, logged = 0, lost = 0;  ///< by rule 1; lines of it; what the log says that it lacks
  };
  // What is lost is known with the next record, and the kernel keeps records for 20 ms.
  const auto look = [&fixture] {
    fixture.knock("192.0.2.2", "192.0.2.1", 3);
    ::usleep(60'000);
    Told told;
    for (const std::string& line : fixture.lines()) {
      told.logged += line.find(": DROP service ") == 15;
      if (line.find(": LOST ") == 15) told.lost += std::stoull(line.substr(22));
    }
    const ipc::Reply counters = fixture.call("Counters");
    for (const auto& rule : counters.parameters.at("rules"))
      if (rule.at("rule").get<std::string>().starts_with("rule 1:"))
        told.met = rule.at("packets").get<std::uint64_t>();
    return told;
  };
  Told before;
  REQUIRE(eventually([&] { return (before = look()).logged > 0; }));
  {
    const lab::Inside there(fixture.firewall.peer());
    const UdpSocket sender("192.0.2.2");
    UdpSocket far("192.0.2.2");
    auto* name = reinterpret_cast<sockaddr_in*>(&far.name);
    name->sin_addr.s_addr = htonl(0xc0000201);
    name->sin_port = htons(2);
    for (int i = 0; i < 60'000; ++i)
      static_cast<void>(::sendto(sender.fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&far.name), far.size));
  }
  const auto begin = std::chrono::steady_clock::now();
  CHECK(fixture.call("Status").error.empty());
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  Told now;
  CHECK(eventually([&] {
    now = look();
    return now.logged - before.logged + now.lost - before.lost == now.met - before.met;
  }));
  WARN(fmt::format("{} packets met the rule: {} logged, {} left out and counted", now.met - before.met,
                   now.logged - before.logged, now.lost - before.lost));
  CHECK(now.met - before.met > 30'000);
  CHECK(now.logged - before.logged > 1000);
}

TEST_CASE("the log is filtered by addresses, names, zones, rules and what became of it") {
  LogFixture fixture;
  const Outcome wrong = fixture.log({"prt:22"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("did you mean 'port'?") != std::string::npos);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  for (const std::uint16_t port : {std::uint16_t{1111}, std::uint16_t{2222}})
    REQUIRE(eventually([&] {
      fixture.knock("192.0.2.2", "192.0.2.1", port);
      return fixture.has_line(fmt::format(":{} UDP", port));
    }));
  const Outcome one = fixture.log({"port:2222"});
  CHECK(one.status == 0);
  CHECK(one.out.find(":2222 UDP") != std::string::npos);
  CHECK(one.out.find(":1111 UDP") == std::string::npos);
  CHECK(fixture.log({"src:192.0.2.0/24", "dst:firewall", "action:drop", "prefix:knock", "in:eth0", "rule:1"}).status ==
        0);
  CHECK(fixture.log({"zone:firewall"}).status == 0);
  CHECK(fixture.log({"src:198.51.100.0/24"}).status == 1);
  CHECK(fixture.log({"action:accept"}).status == 1);
}

TEST_CASE("a file that was moved is followed by another one") {
  LogFixture fixture("LOG_FORMAT=\"json\"\n");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const auto writes = [&] {
    fixture.knock("192.0.2.2", "192.0.2.1");
    return fixture.has_line("\"action\": \"DROP\"", "traffic.json");
  };
  REQUIRE(eventually(writes));
  std::filesystem::rename(fixture.logs.path() / "traffic.json", fixture.logs.path() / "traffic.json.1");
  fixture.daemon->signal(SIGUSR1);
  REQUIRE(eventually(writes));
  CHECK(fixture.log({}).status == 0);
}

TEST_CASE("DNS is asked for names on request only, for each address once, and what it says is no line of the log") {
  // In the namespace of the fixture, and after it: namespaces are made before there are threads.
  LogFixture fixture;
  lab::DnsServer server;
  fixture.firewall.tree.write("config.conf", fmt::format("LOGDIR=\"{}\"\nLOG_POLICY_LIMIT=\"0\"\nDNS_SERVER=\"{}\"\n",
                                                       fixture.logs.path().string(), server.place()));
  server.set_name("192.0.2.2", "visitor.example");
  server.set_name("2001:db8::2", "evil\x1b[2J.example");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  for (const auto& [from, to] : {std::pair{"192.0.2.2", "192.0.2.1"}, {"2001:db8::2", "2001:db8::1"}})
    for (int i = 0; i < 2; ++i) {
      const std::size_t before = fixture.lines().size();
      REQUIRE(eventually([&, from, to] {
        fixture.knock(from, to);
        return fixture.lines().size() > before;
      }));
    }
  // The daemon's configuration says which servers are asked.
  ::setenv("VUURMUUR_SOCKET", fixture.socket.c_str(), 1);
  static_cast<void>(fixture.log({}));
  CHECK(server.asked() == 0);
  const Outcome told = fixture.log({"--resolve"});
  CHECK(told.err.empty());
  CHECK(told.out.find("\n    192.0.2.2 is visitor.example\n") != std::string::npos);
  CHECK(told.out.find('\x1b') == std::string::npos);
  CHECK(server.asked() == 2);
  CHECK(fixture.log({"--resolve", "--json", "family:4"}).out.find(", \"source_dns\": \"visitor.example\"}\n") != std::string::npos);
  CHECK(server.asked() == 3);
  ::unsetenv("VUURMUUR_SOCKET");
}
