// SPDX-License-Identifier: GPL-2.0-or-later
// What status tells of what went wrong, and what it tells while it happens.
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "helpers/daemon_fixture.h"
#include "helpers/watcher.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using Names = std::vector<std::string>;

namespace {

constexpr auto kGood = "accept service any from world.inet to firewall";
constexpr auto kWrong = "accept service htpp from world.inet to firewall";

/// "applying 2", in their order.
Names events_of(const Watcher& watcher) {
  Names names;
  for (const auto& event : watcher.objects()) {
    names.push_back(event.at("event").get<std::string>());
    if (!event.at("generation").is_null()) names.back() += " " + event.at("generation").dump();
  }
  return names;
}

/// Waits for so many events and gives those behind the ones that are known.
Names next_events(const Watcher& watcher, std::size_t known, std::size_t count) {
  REQUIRE(eventually([&] { return events_of(watcher).size() >= known + count; }));
  const Names all = events_of(watcher);
  return {all.begin() + static_cast<std::ptrdiff_t>(known), all.end()};
}

}  // namespace

TEST_CASE("whoever watches sees each state that an apply goes through, and how it ends") {
  DaemonFixture fixture;
  fixture.start();
  Watcher watcher(fixture, fixture.socket, {"status", "--watch", "--json"});
  CHECK(next_events(watcher, 0, 1) == Names{"idle"});
  REQUIRE(fixture.call("Apply", {{"confirm_seconds", 30}, {"person", "anna"}}).error.empty());
  CHECK(next_events(watcher, 1, 4) == Names{"compiling", "checking", "applying 1", "awaiting confirmation 1"});
  CHECK(watcher.objects()[1].at("user") == "anna");
  REQUIRE(fixture.call("Confirm").error.empty());
  CHECK(next_events(watcher, 5, 1) == Names{"confirmed 1"});
  fixture.firewall.tree.rules(kGood);
  REQUIRE(fixture.call("Apply", {{"confirm_seconds", 1}}).error.empty());
  CHECK(next_events(watcher, 6, 5) ==
        Names{"compiling", "checking", "applying 2", "awaiting confirmation 2", "rolled back 2"});
  CHECK(watcher.objects().back().at("detail") == "nobody confirmed it in time");
  fixture.firewall.tree.rules(kWrong);
  REQUIRE_FALSE(fixture.call("Apply").error.empty());
  CHECK(next_events(watcher, 11, 2) == Names{"compiling", "refused"});
  CHECK(watcher.objects().back().at("detail") == "the configuration has errors");
  // Another process, of which the journal tells.
  fixture.firewall.tree.rules(kGood);
  // Who took the one before back may still have the turn.
  REQUIRE(eventually([&] { return fixture.firewall.apply().status == 0; }));
  CHECK(next_events(watcher, 13, 2) == Names{"applying 3", "confirmed 3"});
  REQUIRE(fixture.firewall.run({"clear", "--yes"}).status == 0);
  CHECK(next_events(watcher, 15, 1) == Names{"cleared 3"});
  CHECK(watcher.end(SIGINT) == 0);
}

TEST_CASE("what another program changes is seen by whoever watches, and that it is repaired") {
  DaemonFixture fixture;
  fixture.firewall.tree.write("config.conf", "NFGRP=\"8\"\nBACKEND=\"nft\"\n");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  Watcher watcher(fixture, fixture.socket, {"status", "--watch"});
  REQUIRE(eventually([&] { return watcher.lines().size() == 1; }));
  CHECK(watcher.lines()[0].find("  confirmed, generation 1, by ") != std::string::npos);
  lab::run_ok({"nft", "add", "rule", "ip", "vuurmuur", "filter_INPUT", "accept"});
  REQUIRE(eventually([&] { return watcher.lines().size() >= 3; }));
  CHECK(watcher.lines()[1].ends_with("  drifted, generation 1, by nft: 1 rule added"));
  CHECK(watcher.lines()[2].find("  repaired, generation 1, by daemon: ") != std::string::npos);
}

TEST_CASE("without a daemon whoever watches sees what the journal says") {
  DaemonFixture fixture;
  REQUIRE(fixture.firewall.apply().status == 0);
  Watcher watcher(fixture, "none", {"status", "--watch", "--json"});
  CHECK(next_events(watcher, 0, 1) == Names{"confirmed 1"});
  REQUIRE(fixture.firewall.apply({"--confirm=30"}).status == 0);
  CHECK(next_events(watcher, 1, 2) == Names{"applying 2", "awaiting confirmation 2"});
  REQUIRE(fixture.firewall.run({"rollback"}).status == 0);
  CHECK(next_events(watcher, 3, 1) == Names{"rolled back 2"});
  CHECK(watcher.end(SIGTERM) == 0);
}

TEST_CASE("status keeps why a configuration was refused, until one is applied") {
  DaemonFixture fixture;
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(fixture.call("Status").parameters.at("refused").is_null());
  fixture.firewall.tree.rules(kWrong);
  // Where nobody sees what it says.
  fixture.daemon->signal(SIGHUP);
  REQUIRE(eventually([&] { return !fixture.call("Status").parameters.at("refused").is_null(); }));
  const Outcome status = fixture.firewall.run({"status"});
  CAPTURE(status.out);
  CHECK(status.out.find("generation 1 of ") == 0);
  CHECK(status.out.find("\nthe configuration in " + fixture.firewall.tree.path().string() + " was refused at ") !=
        std::string::npos);
  CHECK(status.out.find(", by root: the configuration has errors\n  rules/rules.conf:") != std::string::npos);
  CHECK(status.out.find("error: no service is named 'htpp'; did you mean 'http'?\n") != std::string::npos);
  // Also when colours were wished by whoever applied it.
  CHECK(fixture.firewall.apply({"--colour=always"}).status == 2);
  CHECK(fixture.firewall.run({"status"}).out.find('\033') == std::string::npos);
  fixture.firewall.tree.rules(kGood);
  REQUIRE(fixture.firewall.apply({"--confirm=30"}).status == 0);
  CHECK(fixture.call("Status").parameters.at("refused").is_null());
  REQUIRE(fixture.firewall.run({"rollback"}).status == 0);
  CHECK(fixture.firewall.run({"status"}).out.find("\ngeneration 2 was rolled back at ") != std::string::npos);
  CHECK(fixture.call("Status").parameters.at("newest").at("state") == "rolled back");
}

TEST_CASE("a configuration that is not there is a slip of the fingers, and no state") {
  DaemonFixture fixture;
  REQUIRE(fixture.firewall.apply().status == 0);
  const auto status = fixture.firewall.json({"status"});
  const TemporaryDirectory empty;
  const std::string tree = fixture.firewall.tree.path().string();
  for (const std::string& mistyped : {tree + "x", empty.path().string(), tree + "/config.conf", tree + "/rules"}) {
    const Outcome outcome = fixture.firewall.run({"apply", mistyped});
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == "vuurmuur: error: there is no configuration tree '" + mistyped +
                             "'\ntry 'vuurmuur apply --help'\n");
  }
  CHECK(fixture.firewall.json({"status"}) == status);
  CHECK(fixture.firewall.json({"history"}).size() == 1);
}
