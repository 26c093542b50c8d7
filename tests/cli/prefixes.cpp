// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts that follow the delegated prefix of their network, and the daemon that sees it change. Times are printed.
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "apply/kernel.h"
#include "helpers/daemon_fixture.h"
#include "lab/run.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::test;

namespace {

std::string rules(const std::string& engine) {
  return lab::run_ok(engine == "nft" ? std::vector<std::string>{"nft", "-s", "list", "table", "ip6", "vuurmuur"}
                                     : std::vector<std::string>{"ip6tables-legacy-save"});
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A host ::25 behind eth0, whose prefix is 2001:db8:1::/64 at first.
void write_tree(const Firewall& firewall, const std::string& engine) {
  firewall.tree.write("config.conf", "BACKEND=\"" + engine + "\"\n");
  firewall.tree.write("zones/inet/networks/world/hosts/follower.host", "ACTIVE=\"Yes\"\nIPV6ADDRESS=\"::25/suffix\"\n");
  firewall.tree.rules("accept service http from follower.world.inet to firewall");
  lab::ip("addr add 2001:db8:1::1/64 dev eth0 nodad\n");
}

std::string without_counters(const std::string& text) {
  std::string found;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.starts_with('#')) found += fmt::format("{}\n", line.starts_with(':') ? line.substr(0, line.find(" [")) : line);
  return found;
}

/// Milliseconds until the rules have a text.
double until(const std::string& engine, const std::string& text) {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(eventually([&] { return has(rules(engine), text); }));
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a host that is written by its host part has the prefix that its network's device has") {
  const Firewall firewall;
  write_tree(firewall, "xtables");
  lab::ip("addr add fd00:7::1/64 dev eth0 nodad\naddr add 2001:db8:9::1/64 dev eth0 nodad preferred_lft 0\n");
  const Outcome applied = firewall.apply();
  INFO(applied.err);
  REQUIRE(applied.status == 0);
  CHECK(has(rules("xtables"), "2001:db8:1::25/128"));
  CHECK(has(rules("xtables"), "fd00:7::25/128"));
  // The one that is deprecated may be somebody else's by now.
  CHECK_FALSE(has(rules("xtables"), "2001:db8:9::25"));
}

TEST_CASE("when the prefix changes, the rules do soon, and nothing else does") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  write_tree(fixture.firewall, engine);
  fixture.start();
  const auto applied = fixture.call("Apply");
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
  REQUIRE(has(rules(engine), "2001:db8:1::25"));
  for (int i = 2; i < 5; ++i) {
    lab::ip(fmt::format("addr del 2001:db8:{}::1/64 dev eth0\naddr add 2001:db8:{}::1/64 dev eth0 nodad\n", i - 1, i));
    const double took = until(engine, fmt::format("2001:db8:{}::25", i));
    std::printf("%s: the rules followed the prefix within %.0f ms\n", engine.c_str(), took);
    CHECK_FALSE(has(rules(engine), fmt::format("2001:db8:{}::25", i - 1)));
  }
  // The prefix is gone, and comes again.
  lab::ip("addr del 2001:db8:4::1/64 dev eth0\n");
  CHECK(eventually([&] { return !has(rules(engine), "2001:db8:4::25"); }));
  lab::ip("addr add 2001:db8:4::1/64 dev eth0 nodad\n");
  static_cast<void>(until(engine, "2001:db8:4::25"));
  CHECK(fixture.firewall.json({"history"}).size() == 1);
  CHECK(fixture.call("Status").parameters.at("state") == "confirmed");
  // The daemon writes only what is another: it is what somebody makes who writes all, and no drift.
  const std::string followed = rules(engine);
  REQUIRE(fixture.firewall.run({"restore"}).status == 0);
  CHECK(without_counters(rules(engine)) == without_counters(followed));
  static_cast<void>(fixture.call("Status"));
  const auto history = fixture.firewall.json({"history"});
  for (const auto& event : history[0].at("events")) CHECK(event.at("what") != "drifted");
}

TEST_CASE("an event that changes nothing of what the policy speaks of loads nothing") {
  const std::string engine = GENERATE("xtables", "nft");
  DaemonFixture fixture;
  write_tree(fixture.firewall, engine);
  const std::string log = (fixture.run.path() / "log").string();
  const auto loads = [&] {
    const std::string text = lab::run_ok({"cat", log});
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("and the rules with them", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  fixture.daemon.emplace(
      std::vector<std::string>{"daemon", "--socket=" + fixture.socket, fixture.firewall.tree.path().string()},
      fixture.firewall.state().string(), log, /*keeps_errors=*/true);
  REQUIRE(eventually([&] { return ipc::Client::connect(fixture.socket).has_value(); }));
  const auto applied = fixture.call("Apply");
  INFO(applied.parameters.dump());
  REQUIRE(applied.error.empty());
  const auto kernel = apply::make_kernel();
  // What is late of the apply itself.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const std::size_t before = loads();
  const std::uint32_t generation = engine == "nft" ? *kernel->nft_generation() : 0;
  lab::ip("addr add 203.0.113.7/32 dev lo\naddr add 203.0.113.8/24 dev eth0\naddr del 203.0.113.7/32 dev lo\n");
  // The host has that address already, or would have to have another one if this prefix were not about to end.
  lab::ip("addr add 2001:db8:1::77/64 dev eth0 nodad\naddr add 2001:db8:9::1/64 dev eth0 nodad preferred_lft 0\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  CHECK(loads() == before);
  if (engine == "nft") CHECK(*kernel->nft_generation() == generation);
  lab::ip("addr add 2001:db8:2::1/64 dev eth0 nodad\n");
  static_cast<void>(until(engine, "2001:db8:2::25"));
  CHECK(eventually([&] { return loads() == before + 1; }));
}

TEST_CASE("a dynamic network follows what its device has, with its rules, its hosts and what may be spoofed") {
  const std::string engine = GENERATE("xtables", "nft");
  CAPTURE(engine);
  DaemonFixture fixture;
  const SmallTree& tree = fixture.firewall.tree;
  const auto ipv4_rules = [&] {
    return lab::run_ok(engine == "nft" ? std::vector<std::string>{"nft", "-s", "list", "table", "ip", "vuurmuur"}
                                       : std::vector<std::string>{"iptables-legacy-save"});
  };
  write_tree(fixture.firewall, engine);
  tree.write("zones/inet/networks/world/network.config",
             "ACTIVE=\"Yes\"\nNETWORK=\"dynamic\"\nIPV6NETWORK=\"dynamic\"\nINTERFACE=\"nic\"\n"
             "RULE=\"accept dhcp-server\"\nRULE=\"protect against spoofing from test-net\"\n");
  tree.rules("accept service http from world.inet to firewall\naccept service http from follower.world.inet to firewall");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  CHECK(has(rules(engine), "2001:db8:1::/64"));
  CHECK(has(rules(engine), "2001:db8:1::25"));
  CHECK(has(ipv4_rules(), "192.0.2.0/24"));
  lab::ip("addr del 2001:db8:1::1/64 dev eth0\naddr add 2001:db8:2::1/64 dev eth0 nodad\n"
          "addr del 192.0.2.1/24 dev eth0\naddr add 10.7.0.1/16 dev eth0\n");
  std::printf("%s: a dynamic network is another one within %.0f ms\n", engine.c_str(), until(engine, "2001:db8:2::/64"));
  CHECK(eventually([&] { return has(ipv4_rules(), "10.7.0.0/16"); }));
  CHECK_FALSE(has(rules(engine), "2001:db8:1::/64"));
  CHECK(has(rules(engine), "2001:db8:2::25"));
  // Nothing at all is nobody, not everybody.
  lab::ip("addr flush dev eth0\n");
  CHECK(eventually([&] { return !has(rules(engine), "2001:db8:2::"); }));
  CHECK(eventually([&] { return !has(ipv4_rules(), "10.7.0.0/16"); }));
  CHECK_FALSE(has(rules(engine) + ipv4_rules(), "accept http from"));
  CHECK(fixture.firewall.json({"history"}).size() == 1);
}

TEST_CASE("a thousand changes of addresses are few loads, and none when they do not matter") {
  DaemonFixture fixture;
  write_tree(fixture.firewall, "nft");
  fixture.start();
  REQUIRE(fixture.call("Apply").error.empty());
  const auto kernel = apply::make_kernel();
  const std::uint32_t before = *kernel->nft_generation();
  std::string unimportant, changes;
  for (int i = 0; i < 500; ++i) {
    unimportant +=
        fmt::format("addr add 10.77.{0}.{1}/32 dev eth0\naddr del 10.77.{0}.{1}/32 dev eth0\n", i / 250, i % 250 + 1);
    changes +=
        fmt::format("addr add 2001:db8:{0:x}::1/64 dev eth0 nodad\naddr del 2001:db8:{0:x}::1/64 dev eth0\n", i + 100);
  }
  lab::ip(unimportant);
  CHECK(fixture.call("Status").error.empty());
  CHECK(*kernel->nft_generation() == before);
  lab::ip(changes + "addr add 2001:db8:77::1/64 dev eth0 nodad\n");
  static_cast<void>(until("nft", "2001:db8:77::25"));
  const std::uint32_t loads = *kernel->nft_generation() - before;
  std::printf("1,001 changes of a prefix: %u loads\n", loads);
  CHECK(loads <= 30);
}
