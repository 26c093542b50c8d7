// SPDX-License-Identifier: GPL-2.0-or-later
// counters --watch: through the daemon, which reads for all who watch, and without one.
#include <fmt/format.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"
#include "helpers/udp.h"
#include "helpers/watcher.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

constexpr auto kAll = "accept service any from world.inet to firewall\naccept service any from firewall to world.inet";

/// New connections from the peer.
void knock(const Firewall& firewall, int times) {
  for (int i = 0; i < times; ++i) {
    std::optional<UdpSocket> there;
    {
      const lab::Inside inside(firewall.peer());
      there.emplace("192.0.2.2");
    }
    REQUIRE(arrives(*there, UdpSocket("192.0.2.1"), 40));
  }
}

/// The entry of a list that is called so.
Json entry(const Json& sample, const char* list, const char* name, const std::string& value) {
  for (const Json& each : sample.at(list))
    if (each.at(name) == value) return each;
  return nullptr;
}

/// Whether a sample later than the first tells of packets that came from the peer.
bool tells_of_packets(const Json& sample) {
  if (sample.at("seconds") == 0) return false;
  const Json rule = entry(sample, "rules", "rule", "rule 1: accept any from world.inet to firewall");
  const Json zone = entry(sample, "zones", "zone", "inet"), device = entry(sample, "interfaces", "interface", "eth0");
  REQUIRE_FALSE(rule.is_null());
  REQUIRE_FALSE(zone.is_null());
  REQUIRE_FALSE(device.is_null());
  CHECK(zone.at("from").at("packets") == rule.at("packets"));
  CHECK(device.at("in").at("packets") >= rule.at("packets"));
  return rule.at("packets_per_second") > 0 && zone.at("from").at("packets_per_second") > 0 &&
         device.at("in").at("packets_per_second") > 0;
}

}  // namespace

TEST_CASE("counters --watch tells rates of rules, zones and interfaces until it is interrupted, which is a good end") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kAll);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const std::string socket = GENERATE("none", "daemon");
  CAPTURE(socket);
  Watcher watcher(fixture, socket == "none" ? socket : fixture.socket, {"counters", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.objects().empty(); }));
  knock(fixture.firewall, 3);
  REQUIRE(eventually([&] { return std::ranges::any_of(watcher.objects(), tells_of_packets); }));
  const auto samples = watcher.objects();
  CHECK(samples.front().at("seconds") == 0);
  for (std::size_t i = 1; i < samples.size(); ++i) CHECK(samples[i].at("seconds") > 0.4);
  CHECK(watcher.end(SIGINT) == 0);
}

TEST_CASE("who is not on a terminal and wants no JSON gets lines of what moved") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kAll);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  Watcher watcher(fixture, fixture.socket, {"counters", "--watch=1"});
  const auto has = [&](const char* text) {
    return std::ranges::any_of(watcher.lines(), [&](const auto& line) { return line.find(text) != std::string::npos; });
  };
  REQUIRE(eventually([&] {
    knock(fixture.firewall, 1);
    return has("  interface eth0: in ") && has("  zone inet: from ") && has("  zone firewall: from 0.0 packets/s") &&
           has("  rule 1: accept any from world.inet to firewall: ");
  }));
  CHECK_FALSE(has("rule 2"));
  CHECK(watcher.end(SIGTERM) == 0);
}

TEST_CASE("on a terminal there is a screen, and Ctrl-C ends it well") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  const Outcome outcome = vuurmuur_on_terminal({.arguments = {"counters", "--watch=2"},
                                                .input = "\x03",
                                                .prompt = "rule 1: accept http from world.inet to firewall"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("every 2 s; Ctrl-C ends") != std::string::npos);
  CHECK(outcome.out.find("packets/s  bytes/s  packets/s  bytes/s  interface") != std::string::npos);
  CHECK(outcome.out.find("  eth0") != std::string::npos);
}

TEST_CASE("the daemon reads once for all who watch, and serves others meanwhile") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  std::vector<ipc::Client> watchers;
  for (int i = 0; i < 20; ++i) {
    watchers.push_back(*ipc::Client::connect(fixture.socket));
    REQUIRE(watchers.back().send({.method = "org.vuurmuur.Manager.WatchCounters", .more = true}));
    const auto first = watchers.back().next(5s);
    REQUIRE(first);
    REQUIRE(*first);
    CHECK((*first)->continues);
    CHECK((*first)->parameters.at("seconds") == 0);
  }
  std::vector<ipc::Json> samples;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < watchers.size(); ++i) {
      const auto reply = watchers[i].next(5s);
      REQUIRE(reply);
      REQUIRE(*reply);
      if (i == 0) samples.push_back((*reply)->parameters);
      // One reading: the same to the thousandth of a second.
      CHECK((*reply)->parameters == samples.back());
    }
  }
  CHECK(samples[2].at("time") > samples[0].at("time"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(fixture.call("Status").error.empty());
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  // Without "more" there would be one answer to something that has many.
  CHECK(fixture.call("WatchCounters").error == "org.varlink.service.ExpectedMore");
  CHECK(fixture.call("WatchCounters", {{"seconds", 0}}).error == "org.varlink.service.InvalidParameter");
}

TEST_CASE("a daemon that ends leaves no watcher waiting") {
  DaemonFixture fixture;
  fixture.start();
  Watcher watcher(fixture, fixture.socket, {"counters", "--watch", "--json"});
  REQUIRE(eventually([&] { return !watcher.objects().empty(); }));
  fixture.daemon->end(SIGTERM);
  fixture.daemon.reset();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(watcher.end(0) == 3);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("what cannot be watched is said") {
  CHECK(vuurmuur::test::vuurmuur({"counters", "--watch=0"}).status == 1);
  CHECK(
      vuurmuur::test::vuurmuur({"counters", "--watch=soon"}).err.find("expected seconds from 1 to 3600, not 'soon'") !=
      std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"counters", "--watch", "--family=4"}).status == 1);
}
