// SPDX-License-Identifier: GPL-2.0-or-later
// Generations from the command line, with a kernel: confirmed, taken back by themselves, after a kill, over SSH.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "helpers/daemon_fixture.h"
#include "helpers/firewall.h"
#include "helpers/program.h"
#include "helpers/tree.h"
#include "lab/run.h"
#include "support/catch.h"

using vuurmuur::test::DaemonFixture;
using vuurmuur::test::Firewall;
using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::TemporaryDirectory;

namespace {

using Clock = std::chrono::steady_clock;

/// Waits until the state is no longer the one given.
void wait_while(const Firewall& firewall, const std::string& state) {
  const auto deadline = Clock::now() + std::chrono::seconds(20);
  while (firewall.json({"status"}).at("state") == state && Clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

constexpr auto kHttp = "accept service http from world.inet to firewall";
constexpr auto kBoth =
    "accept service http from world.inet to firewall\naccept service any from world.inet to firewall";

}  // namespace

TEST_CASE("a generation that nobody confirms is taken back when its time is over") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  const auto begin = Clock::now();
  const Outcome applied = firewall.apply({"--confirm=2", "--comment=let all in"});
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK(applied.out.find("generation 1 comes back in 2 s unless it is confirmed: vuurmuur confirm\n") !=
        std::string::npos);
  CHECK(Firewall::admits("any"));
  CHECK(firewall.json({"status"}).at("state") == "awaiting confirmation");
  wait_while(firewall, "awaiting confirmation");
  const auto took = Clock::now() - begin;
  CHECK(took >= std::chrono::seconds(2));
  CHECK(took < std::chrono::seconds(4));
  CHECK_FALSE(Firewall::admits("any"));
  CHECK(Firewall::admits("http"));
  const auto history = firewall.json({"history"});
  REQUIRE(history.size() == 2);
  CHECK(history[0].at("state") == "rolled back");
  CHECK(history[0].at("comment") == "let all in");
  CHECK(history[0].at("events").back().at("detail") == "nobody confirmed it in time");
  CHECK(history[1].at("in_force") == true);
  const Outcome late = firewall.run({"confirm"});
  CHECK(late.status == 3);
  CHECK(late.err == "vuurmuur: error: no generation waits to be confirmed\n");
}

TEST_CASE("a generation that is confirmed stays, and its guard goes") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  REQUIRE(firewall.apply({"--confirm=1"}).status == 0);
  const Outcome confirmed = firewall.run({"confirm"});
  CHECK(confirmed.status == 0);
  CHECK(confirmed.out == "generation 2 is confirmed\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  CHECK(Firewall::admits("any"));
  CHECK(firewall.json({"status"}).at("state") == "confirmed");
}

TEST_CASE("without a generation before it, what comes back is an open firewall") {
  const Firewall firewall;
  const auto applied = firewall.json({"apply", "--confirm=1", firewall.tree.path().string()});
  CHECK(applied.at("generation") == 1);
  CHECK(applied.at("confirm_seconds") == 1);
  CHECK(applied.at("goes_back_to") == nullptr);
  wait_while(firewall, "awaiting confirmation");
  CHECK_FALSE(Firewall::admits("http"));
  CHECK(firewall.json({"status"}).at("generation") == nullptr);
}

TEST_CASE("an apply takes the place of one that waits, and one that is refused leaves it waiting") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  REQUIRE(firewall.apply({"--confirm=30"}).status == 0);
  firewall.tree.write("services/odd", "ACTIVE=\"Yes\"\nRANGE=\"6;4711\"\nHELPER=\"no-such-helper\"\n");
  firewall.tree.rules("accept service odd from world.inet to firewall");
  CHECK(firewall.apply().status == 3);
  CHECK(firewall.json({"status"}).at("state") == "awaiting confirmation");
  CHECK(firewall.json({"history"})[0].at("state") == "refused");
  CHECK(Firewall::admits("any"));
  firewall.tree.rules(kHttp);
  const Outcome replaced = firewall.apply();
  CHECK(replaced.status == 0);
  CHECK(replaced.err.ends_with("vuurmuur: warning: generation 2, which waited to be confirmed, is replaced\n"));
  CHECK(firewall.json({"status"}).at("confirmed") == 4);
  CHECK(firewall.run({"confirm"}).status == 3);
}

TEST_CASE("roll back takes back what waits, then what was confirmed before, then any by its number") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  REQUIRE(firewall.apply().status == 0);
  REQUIRE(firewall.apply({"--confirm=30"}).status == 0);
  const Outcome back = firewall.run({"rollback"});
  CHECK(back.out == "generation 3 was taken back: on request\ngeneration 2 is in force\n");
  const auto again = firewall.json({"rollback"});
  CHECK(again.at("generation") == 4);
  CHECK_FALSE(Firewall::admits("any"));
  CHECK(firewall.json({"show", "4"}).at("copy_of") == 1);
  CHECK(firewall.json({"rollback", "2"}).at("generation") == 5);
  CHECK(Firewall::admits("any"));
  const Outcome unknown = firewall.run({"rollback", "77"});
  CHECK(unknown.status == 1);
  CHECK(unknown.err.find("there is no generation 77") != std::string::npos);
}

TEST_CASE("what is compiled is what is kept, and it comes out byte by byte") {
  const Firewall firewall;
  firewall.tree.rules(std::string(kHttp) + " options comment=\"caf\xc3\xa9\"");
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  REQUIRE(firewall.apply().status == 0);
  const TemporaryDirectory room;
  const auto target = room.path() / "out";
  CHECK(firewall.run({"show", "2", "--extract=" + target.string()}).status == 0);
  const Outcome diff = Outcome{
      .status = 0, .out = vuurmuur::lab::run_ok({"diff", "-r", firewall.tree.path().string(), target.string()})};
  CHECK(diff.out.empty());
  CHECK(firewall.run({"show", "2", "--extract=" + target.string()}).status == 3);
  CHECK(firewall.json({"show", "1"}).at("files").at("rules/rules.conf").get<std::string>().find("caf\xc3\xa9") !=
        std::string::npos);
  CHECK(firewall.run({"show", "1", "--rules"}).out.find("rule 1: accept http from world.inet to firewall") !=
        std::string::npos);
  CHECK(nlohmann::json::parse(firewall.run({"show", "1", "--counters"}).out).is_array());
  CHECK(firewall.run({"show", "2", "--counters"}).status == 3);
}

TEST_CASE("restore brings the confirmed generation back, without the configuration") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  REQUIRE(firewall.run({"clear", "--yes"}).status == 0);
  CHECK_FALSE(Firewall::admits("http"));
  std::filesystem::remove_all(firewall.tree.path() / "rules");
  const Outcome restored = firewall.run({"restore"});
  INFO(restored.err);
  CHECK(restored.status == 0);
  CHECK(restored.out == "generation 1 is in force\n");
  CHECK(Firewall::admits("http"));
}

TEST_CASE("a machine without a generation is closed by the baseline, but not to those who manage it") {
  const Firewall firewall;
  CHECK(firewall.run({"restore"}).status == 3);
  const Outcome baseline = firewall.run({"restore", "--baseline=192.0.2.7,2001:db8::/64"});
  CHECK(baseline.status == 0);
  CHECK(baseline.err == "vuurmuur: warning: no generation was ever confirmed; the baseline is loaded instead\n");
  const std::string rules = vuurmuur::lab::run_ok({"iptables-legacy-save"});
  CHECK(rules.find(":INPUT DROP") != std::string::npos);
  CHECK(rules.find("-s 192.0.2.7/32 -m conntrack --ctstate NEW") != std::string::npos);
  CHECK(firewall.run({"restore", "--baseline=192.0.2.x"}).status == 1);
  // Not a generation: the first apply begins at 1 and takes its place.
  CHECK(firewall.json({"apply", firewall.tree.path().string()}).at("generation") == 1);
  CHECK(vuurmuur::lab::run_ok({"iptables-legacy-save"}).find("192.0.2.7") == std::string::npos);
  CHECK(firewall.run({"restore", "--baseline"}).out == "generation 1 is in force\n");
}

TEST_CASE("after a reboot what was not confirmed is taken back") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  firewall.tree.rules(kBoth);
  REQUIRE(firewall.apply({"--confirm=600"}).status == 0);
  // As a machine finds it that was started anew: another boot, and an empty kernel.
  const auto path = firewall.state() / "journal.json";
  std::ifstream in(path);
  auto journal = nlohmann::ordered_json::parse(in);
  journal["pending"]["deadline"]["boot"] = "another";
  std::ofstream(path) << journal.dump();
  vuurmuur::lab::run_ok({"iptables-legacy", "-F"});
  // Its guard, which no reboot would leave alive, may be faster: whoever does it, it is done once.
  CHECK(firewall.json({"restore"}).at("in_force") == 1);
  const auto last = firewall.json({"history"})[0];
  CHECK(last.at("state") == "rolled back");
  CHECK(last.at("events").back().at("detail") == "the machine was started anew before it was confirmed");
  CHECK(Firewall::admits("http"));
  CHECK_FALSE(Firewall::admits("any"));
}

TEST_CASE("over SSH on a terminal an apply wants to be confirmed by itself") {
  const Firewall firewall;
  firewall.tree.rules(kBoth);
  const auto remote = [&](std::vector<std::string> options) {
    options.insert(options.begin(), "apply");
    options.push_back(firewall.tree.path().string());
    return vuurmuur::test::vuurmuur_on_terminal({.arguments = std::move(options),
                                                 .environment = {{"VUURMUUR_STATE_DIR", firewall.state().string()},
                                                                 {"SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22"}}});
  };
  CHECK(remote({}).out.find("comes back in 60 s unless it is confirmed") != std::string::npos);
  CHECK(firewall.json({"history"})[0].at("events")[0].at("from") == "192.0.2.7");
  REQUIRE(firewall.run({"confirm"}).status == 0);
  CHECK(remote({"--confirm=0"}).out.find("comes back") == std::string::npos);
}

TEST_CASE("a state directory that cannot be written leaves the rules of before in force") {
  const Firewall firewall;
  REQUIRE(firewall.apply().status == 0);
  const std::string before = vuurmuur::lab::run_ok({"iptables-legacy-save"});
  firewall.tree.rules(kBoth);
  std::filesystem::remove_all(firewall.state() / "generations");
  std::ofstream(firewall.state() / "generations") << "in the way";
  const Outcome refused = firewall.apply();
  CHECK(refused.status == 3);
  CHECK(refused.err.find("generations") != std::string::npos);
  CHECK_FALSE(Firewall::admits("any"));
}

TEST_CASE("a time to confirm that makes no sense is a mistake of usage") {
  const SmallTree tree;
  for (const char* wrong : {"--confirm=soon", "--confirm=-1", "--confirm=86401", "--confirm=1x"}) {
    const Outcome outcome = vuurmuur::test::vuurmuur({"apply", wrong, tree.path().string()});
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find("expected seconds from 0 to 86400") != std::string::npos);
  }
}

TEST_CASE("after many applies the newest 50 are there, with the confirmed one however old, and the one that waits") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const auto wait = [&](std::int64_t number) {
    const auto applied = fixture.call("Apply", {{"confirm_seconds", 60}});
    INFO(applied.parameters.dump());
    REQUIRE(applied.error.empty());
    REQUIRE(applied.parameters.at("applied").at("generation") == number);
  };
  for (std::int64_t number = 2; number <= 55; ++number) {
    wait(number);
    const auto back = fixture.call("TakeBack");
    INFO(back.error << ' ' << back.parameters.dump());
    REQUIRE(back.error.empty());
  }
  wait(56);
  std::set<std::int64_t> expected{1}, told, kept;
  for (std::int64_t number = 8; number <= 56; ++number) expected.insert(number);
  const auto history = fixture.call("History").parameters.at("generations");
  for (const auto& generation : history) told.insert(generation.at("generation").get<std::int64_t>());
  for (const auto& entry : std::filesystem::directory_iterator(fixture.firewall.state() / "generations")) {
    kept.insert(std::stol(entry.path().filename().string()));
    CHECK(std::filesystem::exists(entry.path() / "config.tar.gz"));
  }
  CHECK(expected.size() == 50);
  CHECK(told == expected);
  CHECK(kept == expected);
  // Both that are needed are whole: the one that waits can be confirmed, and the old one come back.
  REQUIRE(fixture.call("TakeBack").parameters.at("in_force") == 1);
  CHECK(Firewall::admits("http"));
  for (const char* number : {"1", "56"}) CHECK(fixture.firewall.run({"show", number}).status == 0);
  CHECK(fixture.firewall.run({"show", "7"}).status == 1);
}
