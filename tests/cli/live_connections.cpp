// SPDX-License-Identifier: GPL-2.0-or-later
// connections and kill: what the kernel's table holds, by name, and what of it ends. Each case in a namespace of its
// own.
#include <arpa/inet.h>
#include <linux/capability.h>
#include <sys/socket.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/strings.h"
#include "base/unique_fd.h"
#include "helpers/daemon_fixture.h"
#include "helpers/firewall.h"
#include "lab/dns_server.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void insert(const std::string& words) {
  std::vector<std::string> command{"conntrack", "-I", "--timeout", "5400"};
  for (const std::string_view word : base::split(words, ' ')) command.emplace_back(word);
  lab::run_ok(command);
}

/// To this machine over both families, one that is masqueraded, one that is forwarded to another host, and one in
/// queue 5.
void insert_all() {
  const std::string tcp = "-p tcp --state ESTABLISHED -u SEEN_REPLY,ASSURED ";
  insert(tcp + "-s 192.0.2.80 -d 192.0.2.1 --sport 4000 --dport 80");
  insert(tcp + "-s 192.0.2.25 -d 192.0.2.1 --sport 4001 --dport 22 -m 0x80000000");
  insert(tcp + "-s 2001:db8::80 -d 2001:db8::1 --sport 4002 --dport 80");
  insert(tcp +
         "-s 192.0.2.80 -d 203.0.113.9 --sport 5000 --dport 443 -r 203.0.113.9 -q 192.0.2.1 --reply-port-src 443 "
         "--reply-port-dst 5000");
  insert(tcp +
         "-s 198.51.100.7 -d 192.0.2.1 --sport 6000 --dport 8080 -r 192.0.2.25 -q 198.51.100.7 --reply-port-src 80 "
         "--reply-port-dst 6000");
  insert("-p udp -s 192.0.2.2 -d 192.0.2.1 --sport 5353 --dport 53 -m 0x10005000");
}

/// The source ports of what is left, sorted: the first two numbers of each line are the ports of the original
/// direction.
std::vector<std::string> left() {
  std::vector<std::string> ports;
  const std::regex port("sport=([0-9]+)");
  for (const char* family : {"ipv4", "ipv6"}) {
    const std::string listed = lab::run_ok({"conntrack", "-L", "-f", family});
    for (const std::string_view line : base::split(listed, '\n')) {
      std::cmatch found;
      if (std::regex_search(line.data(), line.data() + line.size(), found, port)) ports.push_back(found[1]);
    }
  }
  std::ranges::sort(ports);
  return ports;
}

using Ports = std::vector<std::string>;

/// A firewall with SmallTree's rule in force, and all connections.
struct Machine {
  Firewall firewall;
  Machine() {
    REQUIRE(firewall.apply().status == 0);
    insert_all();
  }
  [[nodiscard]] Outcome run(std::vector<std::string> words) const { return firewall.run(std::move(words)); }
};

}  // namespace

TEST_CASE("connections are told in the names of what is in force") {
  const Machine machine;
  const Outcome outcome = machine.run({"connections", "--sort=source"});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out ==
        "proto state       source                        destination                   service       bytes> <bytes  "
        "left\n"
        "tcp   established mail.world.inet:4001          firewall(nic):22              4001->22(tcp)      0      0    "
        "1h\n"
        "tcp   established web.world.inet:4000           firewall(nic):80              http               0      0    "
        "1h\n"
        "tcp   established web.world.inet:5000           203.0.113.9:443               5000->443(tcp)      0      0    "
        "1h  "
        "as firewall(nic):5000\n"
        "udp   unreplied   192.0.2.2:5353                firewall(nic):53              5353->53(udp)      0      0    "
        "1h  "
        "queue 5\n"
        "tcp   established 198.51.100.7:6000             mail.world.inet:80            http               0      0    "
        "1h  "
        "asked firewall(nic):8080\n"
        "tcp   established [2001:db8::80]:4002           firewall(nic):80              http               0      0    "
        "1h\n"
        "6 connections\n");
}

TEST_CASE("a filter picks, in words of the policy, and says what it does not know") {
  const Machine machine;
  const auto count = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"connections", "--json"});
    const Outcome outcome = machine.run(words);
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    return std::ranges::count(outcome.out, '\n');
  };
  CHECK(count({}) == 6);
  CHECK(count({"host:web.world.inet"}) == 2);
  CHECK(count({"src:firewall"}) == 1);
  CHECK(count({"dst:firewall"}) == 5);
  CHECK(count({"zone:inet"}) == 6);
  CHECK(count({"service:http"}) == 3);
  CHECK(count({"queue:5"}) == 1);
  CHECK(count({"queue:1-9", "proto:udp"}) == 1);
  CHECK(count({"queue:6"}) == 0);
  CHECK(count({"mark:0x80000000"}) == 1);
  CHECK(count({"state:established", "!http"}) == 2);
  CHECK(count({"port:22,53"}) == 2);
  CHECK(count({"family:6"}) == 1);
  CHECK(count({"--family=6"}) == 1);
  CHECK(count({"--family=4", "family:6"}) == 0);
  CHECK(count({"--limit=2"}) == 2);
  CHECK(count({"rule:1"}) == 1);  // of the others no route tells where they came from, or no rule takes them
  const Outcome unknown = machine.run({"connections", "host:wbe.world.inet"});
  CHECK(unknown.status == 1);
  CHECK(
      unknown.err ==
      "filter:1:6: error: the configuration has nothing of the name 'wbe.world.inet'; did you mean 'web.world.inet'?\n"
      "  host:wbe.world.inet\n"
      "       ^~~~~~~~~~~~~~\n"
      "1 error\n");
  CHECK(machine.run({"connections", "--sort=byts"}).err.find("did you mean 'bytes'?") != std::string::npos);
  CHECK(machine.run({"connections", "--limit=0"}).status == 1);
  CHECK(machine.run({"connections", "--watch=0"}).status == 1);
}

TEST_CASE("JSON tells every part of a connection, and the rule that admits it") {
  const Machine machine;
  const auto told = nlohmann::json::parse(machine.run({"connections", "--json", "--rules", "sport:6000"}).out);
  CHECK(told.at("family") == 4);
  CHECK(told.at("protocol") == "tcp");
  CHECK(told.at("source").at("address") == "198.51.100.7");
  CHECK(told.at("source").at("name").is_null());
  CHECK(told.at("source").at("zone") == "inet");
  CHECK(told.at("destination").at("name") == "mail.world.inet");
  CHECK(told.at("destination").at("port") == 80);
  CHECK(told.at("destination_asked").at("name") == "firewall(nic)");
  CHECK(told.at("destination_asked").at("port") == 8080);
  CHECK_FALSE(told.contains("source_seen_as"));
  CHECK(told.at("service") == "http");
  CHECK(told.at("state") == "established");
  CHECK(told.at("progress") == "assured");
  CHECK(told.at("kind") == "plain");
  CHECK(told.at("rule").is_null());
  const auto http = nlohmann::json::parse(machine.run({"connections", "--json", "--rules", "sport:4000"}).out);
  CHECK(http.at("rule") == "rule 1: accept http from world.inet to firewall");
  CHECK(http.at("place") == "rules/rules.conf:1");
  const auto queued = nlohmann::json::parse(machine.run({"connections", "--json", "queue:5"}).out);
  CHECK(queued.at("kind") == "queue");
  CHECK(queued.at("number") == 5);
  CHECK(queued.at("state") == "unreplied");
}

TEST_CASE("connections are counted together, those with the most first") {
  const Machine machine;
  const Outcome outcome = machine.run({"connections", "--group=service"});
  CHECK(outcome.out ==
        "connections bytes> <bytes  service\n"
        "          3      0      0  http\n"
        "          1      0      0  22(tcp)\n"
        "          1      0      0  443(tcp)\n"
        "          1      0      0  53(udp)\n"
        "6 connections\n");
  CHECK(has(machine.run({"connections", "--group=zone"}).out, "          4      0      0  inet > firewall\n"));
  CHECK(has(machine.run({"connections", "--group=queue", "queue:5"}).out, "          1      0      0  queue 5\n"));
  CHECK(machine.run({"connections", "--group=zone", "--sort=bytes"}).status == 1);
}

TEST_CASE("what went over the wire is told: packets and bytes, and the largest first") {
  const Machine machine;
  const base::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  base::UniqueFd client;
  {
    const lab::Inside there(machine.firewall.peer());
    client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  // Two packets there (SYN and ACK), one back, each with 40 bytes of headers and its options.
  nlohmann::json told;
  CHECK(eventually([&] {
    told = nlohmann::json::parse(machine.run({"connections", "--json", "--sort=bytes", "--limit=1"}).out);
    return told.at("packets") == 2;
  }));
  CHECK(told.at("source").at("address") == "192.0.2.2");
  CHECK(told.at("service") == "http");
  CHECK(told.at("state") == "established");
  CHECK(told.at("bytes") == 112);
  CHECK(told.at("packets_back") == 1);
  CHECK(told.at("bytes_back") == 60);
  // And that is over when it is ended.
  CHECK(machine.run({"kill", "--yes", "src:192.0.2.2", "service:http"}).out == "1 live connection ended\n");
}

TEST_CASE("kill ends the connections that a filter lets through, and no others") {
  const Machine machine;
  const Ports all{"4000", "4001", "4002", "5000", "5353", "6000"};
  REQUIRE(left() == all);
  SECTION("nothing in a dry run") {
    const Outcome outcome = machine.run({"kill", "--dry-run", "host:web.world.inet"});
    CHECK(outcome.status == 0);
    CHECK(has(outcome.out, "web.world.inet:4000"));
    CHECK(has(outcome.out, "2 live connections would end\n"));
    CHECK(left() == all);
  }
  SECTION("by a host") {
    const Outcome outcome = machine.run({"kill", "--yes", "host:web.world.inet"});
    CHECK(outcome.out == "2 live connections ended\n");
    CHECK(left() == Ports{"4001", "4002", "5353", "6000"});
  }
  SECTION("by the address that NAT gave it") {
    CHECK(machine.run({"kill", "--yes", "src:192.0.2.1"}).out == "1 live connection ended\n");
    CHECK(left() == Ports{"4000", "4001", "4002", "5353", "6000"});
  }
  SECTION("by the address behind a port forwarding") {
    CHECK(machine.run({"kill", "--yes", "dst:mail.world.inet"}).out == "1 live connection ended\n");
    CHECK(left() == Ports{"4000", "4001", "4002", "5000", "5353"});
  }
  SECTION("by the queue, the family and the service") {
    CHECK(machine.run({"kill", "--yes", "queue:5"}).out == "1 live connection ended\n");
    CHECK(machine.run({"kill", "--yes", "--family=6", "service:http"}).out == "1 live connection ended\n");
    CHECK(left() == Ports{"4000", "4001", "5000", "6000"});
  }
  SECTION("by the rule that admits it") {
    CHECK(machine.run({"kill", "--yes", "rule:1", "sport:4000"}).out == "1 live connection ended\n");
    CHECK(left() == Ports{"4001", "4002", "5000", "5353", "6000"});
  }
  SECTION("all of them when that is said") {
    CHECK(machine.run({"kill", "--yes", "--all"}).out == "6 live connections ended\n");
    CHECK(left().empty());
  }
  SECTION("none when none fits") {
    CHECK(machine.run({"kill", "port:9999"}).out == "0 live connections ended\n");
    CHECK(left() == all);
  }
  SECTION("none by mistake") {
    CHECK(machine.run({"kill"}).status == 1);
    CHECK(machine.run({"kill", "--yes"}).status == 1);
    CHECK(machine.run({"kill", "--yes", "--all", "port:22"}).status == 1);
    CHECK(machine.run({"kill", "--yes", "host:nobody"}).status == 1);
    CHECK(machine.run({"kill", "--yes", "prot:tcp"}).status == 1);
    const Outcome nobody = machine.run({"kill", "port:22"});
    CHECK(nobody.status == 5);
    CHECK(has(nobody.err, "this ends 1 live connection and there is nobody to ask; --yes does it all the same"));
    CHECK(left() == all);
  }
}

TEST_CASE("on a terminal kill shows what would end, and asks") {
  const Machine machine;
  Call call{.arguments = {"kill", "sport:4001"},
            .input = "n\n",
            .environment = {{"VUURMUUR_STATE_DIR", machine.firewall.state().string()}}};
  const Outcome no = vuurmuur_on_terminal(call);
  CHECK(no.status == 5);
  CHECK(has(no.out, "mail.world.inet:4001"));
  CHECK(has(no.out, "This ends 1 live connection. Go on? [y/N]"));
  CHECK(has(no.out, "nothing was ended"));
  CHECK(left().size() == 6);
  call.input = "y\n";
  CHECK(vuurmuur_on_terminal(call).status == 0);
  CHECK(left() == Ports{"4000", "4002", "5000", "5353", "6000"});
}

TEST_CASE("your own connection ends only when that is forced") {
  const Machine machine;
  const auto kill = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "kill");
    return vuurmuur::test::vuurmuur(Call{.arguments = std::move(words),
                                         .environment = {{"VUURMUUR_STATE_DIR", machine.firewall.state().string()},
                                                         {"SSH_CONNECTION", "192.0.2.25 4001 192.0.2.1 22"}}});
  };
  const Outcome stopped = kill({"--yes", "dst:firewall"});
  CHECK(stopped.status == 5);
  CHECK(stopped.err ==
        "vuurmuur: warning: your own connection is among them\n"
        "vuurmuur: error: this would end your own connection, so nothing was ended; --force ends it as well\n");
  CHECK(left().size() == 6);
  CHECK(kill({"--dry-run", "dst:firewall"}).status == 0);
  CHECK(kill({"--yes", "dst:firewall", "!port:22"}).status == 0);
  CHECK(left() == Ports{"4001", "5000"});
  CHECK(kill({"--yes", "--force", "port:22"}).status == 0);
  CHECK(left() == Ports{"5000"});
}

TEST_CASE("without rules of ours connections are told by their addresses") {
  const LoneMachine machine;
  const TemporaryDirectory state;
  insert_all();
  const Outcome outcome = vuurmuur::test::vuurmuur(
      Call{.arguments = {"connections", "sport:4001"}, .environment = {{"VUURMUUR_STATE_DIR", state.path().string()}}});
  CHECK(outcome.status == 0);
  CHECK(has(outcome.out, "tcp   established 192.0.2.25:4001               firewall(eth0):22"));
}

TEST_CASE("who may not ask the kernel is told so, or asks the daemon") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.firewall.apply().status == 0);
  insert_all();
  const auto ask = [&](std::vector<std::string> words, bool with_daemon) {
    std::vector<std::pair<std::string, std::string>> environment{
        {"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}};
    environment.emplace_back("VUURMUUR_SOCKET", with_daemon ? fixture.socket : std::string("none"));
    return vuurmuur::test::vuurmuur(
        Call{.arguments = std::move(words), .environment = environment, .without_capabilities = {CAP_NET_ADMIN}});
  };
  for (const std::vector<std::string>& words : {std::vector<std::string>{"connections", "--sort=source"},
                                                {"connections", "--sort=source", "--rules", "--json", "service:http"},
                                                {"connections", "--group=zone"},
                                                {"connections", "--group=destination", "--json"}}) {
    const Outcome through = ask(words, true), alone = fixture.firewall.run(words);
    // Time goes on between the two.
    const auto timeless = [](const std::string& text) {
      return std::regex_replace(text, std::regex("\"seconds_left\":[0-9]+| [0-9]+[smhd] "), "LEFT");
    };
    INFO(words.back() << "\n" << through.err);
    CHECK(through.status == 0);
    CHECK(timeless(through.out) == timeless(alone.out));
    CHECK(ask(words, false).status == 3);
  }
  CHECK(has(ask({"connections"}, false).err, "CAP_NET_ADMIN"));
  CHECK(has(ask({"connections", "prot:tcp"}, true).err, "did you mean 'proto'?"));
  CHECK(ask({"kill", "--yes", "host:web.world.inet"}, true).out == "2 live connections ended\n");
  CHECK(left() == Ports{"4001", "4002", "5353", "6000"});
  CHECK(fixture.call("KillConnections", {{"filter", ""}}).error == "org.varlink.service.InvalidParameter");
  CHECK(fixture.call("KillConnections", {{"filter", "prot:x"}}).error == "org.vuurmuur.Manager.WrongFilter");
  CHECK(fixture.call("Connections", {{"order", "sideways"}}).error == "org.varlink.service.InvalidParameter");
  CHECK(left().size() == 4);
}

TEST_CASE("who watches is told what lives now, and every so many seconds") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.firewall.apply().status == 0);
  insert_all();
  auto client = ipc::Client::connect(fixture.socket);
  REQUIRE(client);
  REQUIRE(client->send({.method = "org.vuurmuur.Manager.WatchConnections",
                        .parameters = {{"filter", "service:http"}, {"order", "source"}, {"limit", 2}, {"seconds", 1}},
                        .more = true}));
  const auto next = [&] {
    const auto reply = client->next(std::chrono::seconds(20));
    REQUIRE(reply);
    REQUIRE(*reply);
    CHECK((*reply)->error.empty());
    CHECK((*reply)->continues);
    return (*reply)->parameters;
  };
  const auto first = next();
  CHECK(first.at("seen") == 6);
  CHECK(first.at("matched") == 3);
  REQUIRE(first.at("connections").size() == 2);
  CHECK(first.at("connections")[0].at("source").at("name") == "web.world.inet");
  lab::run_ok({"conntrack", "-D", "-s", "192.0.2.80"});
  CHECK(next().at("matched") == 2);
  CHECK(fixture.call("WatchConnections").error == "org.varlink.service.ExpectedMore");
  CHECK(fixture.call("WatchConnections", {{"seconds", 0}}).error == "org.varlink.service.InvalidParameter");
  CHECK(fixture.call("WatchConnections", {{"filter", "nobody"}}).error == "org.vuurmuur.Manager.WrongFilter");
}

TEST_CASE("DNS is asked what the ends of connections are called that have no name") {
  DaemonFixture fixture;
  lab::DnsServer server;
  fixture.firewall.tree.write("config.conf", "DNS_SERVER=\"" + server.place() + "\"\n");
  server.set_name("203.0.113.9", "far.example");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  insert_all();
  // The daemon's configuration says which servers are asked.
  ::setenv("VUURMUUR_SOCKET", fixture.socket.c_str(), 1);
  CHECK_FALSE(has(fixture.firewall.run({"connections"}).out, "far.example"));
  CHECK(server.asked() == 0);
  CHECK(has(fixture.firewall.run({"connections", "--resolve"}).out, "\n    203.0.113.9 is far.example\n"));
  CHECK(has(fixture.firewall.run({"connections", "--resolve", "--json", "port:443"}).out, ", \"destination_dns\": \"far.example\"}\n"));
  ::unsetenv("VUURMUUR_SOCKET");
}
