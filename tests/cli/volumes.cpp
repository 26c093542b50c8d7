// SPDX-License-Identifier: GPL-2.0-or-later
// What is counted, to the packet, over reloads and over a daemon that ends and starts again.
#include <fmt/format.h>
#include <signal.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"
#include "helpers/exact_traffic.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char *kAny = "accept service any from world.inet to firewall",
                     *kMore = "drop service http from world.inet to firewall\naccept service any from world.inet to firewall",
                     *kRule = "accept any from world.inet to firewall";

Json ask(const DaemonFixture& fixture, const std::string& socket, std::vector<std::string> words) {
  words.emplace_back("--json");
  const Outcome outcome = vuurmuur::test::vuurmuur(
      {.arguments = std::move(words),
       .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}, {"VUURMUUR_SOCKET", socket}}});
  REQUIRE(outcome.err.empty());
  REQUIRE(outcome.status == 0);
  return Json::parse(outcome.out);
}

struct Sum {
  std::uint64_t packets = 0, bytes = 0;
  bool operator==(const Sum&) const = default;
};

/// All that there is in all days of a name.
Sum volume(const DaemonFixture& fixture, const std::string& socket, const std::string& by, const std::string& name,
           const std::string& period = "day") {
  Sum sum;
  const Json answer = ask(fixture, socket, {"volume", "--by=" + by, "--period=" + period, "--since=20h"});
  for (const Json& each : answer.at("volumes"))
    if (each.at("name") == name) {
      sum.packets += each.at("packets").get<std::uint64_t>();
      sum.bytes += each.at("bytes").get<std::uint64_t>();
    }
  return sum;
}

/// Whether the daemon comes to tell that; it counts once a second at most.
bool comes_to(const DaemonFixture& fixture, const std::string& by, const std::string& name, const Sum& expected) {
  const bool has = eventually([&] { return volume(fixture, fixture.socket, by, name) == expected; });
  if (!has) UNSCOPED_INFO(fmt::format("{} instead of {}", volume(fixture, fixture.socket, by, name).packets, expected.packets));
  return has;
}

}  // namespace

TEST_CASE("volumes are what was sent, to the packet, over ten reloads, both engines and a daemon that starts again") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kAny);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  warm_up(fixture.firewall);
  std::uint64_t base = 0;
  REQUIRE(eventually([&] { return (base = volume(fixture, fixture.socket, "rule", kRule).packets) > 0; }));
  std::uint64_t sent = 0;
  const auto all = [&] { return Sum{base + sent, (base + sent) * kDatagram}; };
  const auto send_more = [&](int count) {
    send_exactly(fixture.firewall, count);
    sent += static_cast<std::uint64_t>(count);
  };
  for (int reload = 0; reload < 10; ++reload) {
    CAPTURE(reload);
    send_more(3);
    // The rule gets another number each time, and twice another engine.
    fixture.firewall.tree.rules(reload % 2 == 0 ? kMore : kAny);
    REQUIRE(fixture.call("Apply", {{"backend", reload < 4 ? "xtables" : reload < 8 ? "nft" : "xtables"}}).error.empty());
    send_more(2);
    if (reload == 5) {
      // What comes while no daemon runs counts as well.
      REQUIRE(fixture.daemon->end(SIGTERM) == 0);
      send_more(4);
      fixture.start();
    }
  }
  CHECK(comes_to(fixture, "rule", kRule, all()));
  CHECK(comes_to(fixture, "zone", "inet to firewall", all()));
  for (const char* period : {"minute", "hour", "month"}) {
    CAPTURE(period);
    CHECK(volume(fixture, fixture.socket, "rule", kRule, period) == all());
  }
  CHECK(volume(fixture, fixture.socket, "interface", "eth0").packets >= sent);
  // Stopped, the last packet is in the file.
  send_more(1);
  REQUIRE(fixture.daemon->end(SIGTERM) == 0);
  fixture.daemon.reset();
  CHECK(volume(fixture, "none", "rule", kRule) == all());
  const Outcome text = vuurmuur::test::vuurmuur(
      {.arguments = {"volume", "--by=zone", "--period=month"},
       .environment = {{"VUURMUUR_STATE_DIR", fixture.firewall.state().string()}, {"VUURMUUR_SOCKET", "none"}}});
  CHECK(text.status == 0);
  CHECK(text.out.find(fmt::format("{:>7}  {:>5}  inet to firewall\n", all().packets, all().bytes)) != std::string::npos);
}

TEST_CASE("what rules send to a queue is the queue's") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kAny);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  warm_up(fixture.firewall);
  fixture.firewall.tree.rules("nfqueue service any from world.inet to firewall options nfqueuenum=\"5\",bypass");
  REQUIRE(fixture.call("Apply").error.empty());
  send_exactly(fixture.firewall, 4);
  CHECK(comes_to(fixture, "queue", "5", {4, 4 * kDatagram}));
}

TEST_CASE("counters tell when a rule was hit last, and which never was") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kMore);
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const std::int64_t begin = std::time(nullptr);
  warm_up(fixture.firewall);
  const auto hits = [&](const std::string& socket) { return ask(fixture, socket, {"counters", "--hits"}); };
  // The daemon counts by itself, soon after the apply; from then on a rule is known.
  REQUIRE(eventually([&] { return hits(fixture.socket)[1].at("since").is_number(); }));
  const Json rules = hits(fixture.socket);
  CHECK(rules[0].at("rule") == "rule 1: drop http from world.inet to firewall");
  CHECK(rules[0].at("used") == false);
  CHECK(rules[0].at("last_hit").is_null());
  CHECK(rules[0].at("since") >= begin - 5);
  CHECK(rules[1].at("used") == true);
  CHECK(rules[1].at("last_hit") >= begin - 1);
  REQUIRE(fixture.daemon->end(SIGTERM) == 0);
  // It is remembered when the kernel has forgotten it.
  REQUIRE(fixture.firewall.run({"clear", "--yes"}).status == 0);
  REQUIRE(fixture.firewall.apply().status == 0);
  for (const std::string& socket : {std::string("none"), fixture.socket}) {
    CAPTURE(socket);
    if (socket != "none") fixture.start();
    const Json again = hits(socket);
    CHECK(again[1].at("packets") == 0);
    CHECK(again[1].at("used") == true);
    CHECK(again[1].at("last_hit") >= begin - 1);
    const Json unused = ask(fixture, socket, {"counters", "--unused"});
    REQUIRE(unused.size() == 1);
    CHECK(unused[0].at("rule") == "rule 1: drop http from world.inet to firewall");
  }
  const Outcome text = vuurmuur::test::vuurmuur({.arguments = {"counters", "--hits"},
                                                 .environment = {{"VUURMUUR_SOCKET", fixture.socket}}});
  CHECK(text.out.starts_with("packets  bytes  last hit "));
  CHECK(text.out.find("never since 20") != std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"counters", "--watch", "--hits"}).status == 1);
}

TEST_CASE("a file of volumes that is damaged or cannot be written hinders nothing, and is told of") {
  DaemonFixture fixture;
  fixture.firewall.tree.rules(kAny);
  const auto path = fixture.firewall.state() / "volumes.db";
  SECTION("damaged") {
    std::ofstream(path) << std::string(20000, 'x');
    fixture.start();
    REQUIRE(fixture.call("Apply").error.empty());
    warm_up(fixture.firewall);
    CHECK(eventually([&] { return volume(fixture, fixture.socket, "rule", kRule).packets > 0; }));
    CHECK(std::filesystem::file_size(path.string() + ".damaged") == 20000);
  }
  SECTION("not to be written") {
    std::filesystem::create_directory(path);
    fixture.start();
    REQUIRE(fixture.call("Apply").error.empty());
    warm_up(fixture.firewall);
    ipc::Reply reply;
    CHECK(eventually([&] { return (reply = fixture.call("Volume")).error == "org.vuurmuur.Manager.Refused"; }));
    CHECK(reply.parameters.at("message").get<std::string>().find("volumes.db") != std::string::npos);
    std::filesystem::remove(path);
    // What was counted meanwhile is not lost.
    CHECK(eventually([&] { return fixture.call("Volume").error.empty(); }));
    CHECK(eventually([&] { return volume(fixture, fixture.socket, "rule", kRule).packets > 0; }));
  }
  CHECK(Firewall::admits("any"));
}

TEST_CASE("who asks for volumes wrongly is told") {
  DaemonFixture fixture;
  fixture.start();
  for (const auto& [name, value] : std::vector<std::pair<const char*, Json>>{
           {"by", "person"}, {"period", "year"}, {"limit", 0}, {"limit", 10'001}, {"since", -1}, {"unheard", 1}})
    CHECK(fixture.call("Volume", {{name, value}}).parameters.at("parameter") == name);
  CHECK(vuurmuur::test::vuurmuur({"volume", "--by=person"}).err.find("expected interface, zone, rule, queue or host, not 'person'") != std::string::npos);
  CHECK(vuurmuur::test::vuurmuur({"volume", "--period=year"}).status == 1);
  CHECK(vuurmuur::test::vuurmuur({"volume", "--since=soon"}).status == 1);
  CHECK(vuurmuur::test::vuurmuur({"volume", "--limit=0"}).status == 1);
}
