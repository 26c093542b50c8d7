// SPDX-License-Identifier: GPL-2.0-or-later
// What becomes of live connections under new rules, with a kernel in memory.
#include "apply/connection_review.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "fake_kernel.h"
#include "live_world.h"
#include "rulesets.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

constexpr ir::MarkLayout kLayout;
constexpr std::uint32_t kQueue3 = kLayout.encode({ir::MarkKind::Queued, 3});
constexpr std::uint32_t kQueue7 = kLayout.encode({ir::MarkKind::Queued, 7});

/// From lan0 to wan0: port 80 is accepted, 81 goes to queue 7, 82 is dropped, 83 is accepted under a limit. Port 84 is
/// accepted whatever the devices are.
ir::Ruleset policy() {
  ir::Ruleset ruleset;
  set_policy_drop(ruleset, ir::Hook::Forward);
  set_policy_drop(ruleset, ir::Hook::Input);
  set_policy_drop(ruleset, ir::Hook::Output);
  const auto port = [](std::uint16_t number, ir::Target target) {
    ir::Rule rule{.in_interface = "lan0", .out_interface = "wan0", .protocol = net::Protocol::Tcp};
    rule.matches.emplace_back(ir::TcpMatch{.destination = net::PortRange::one(number)});
    rule.target = std::move(target);
    return rule;
  };
  for (const net::Family family : net::kFamilies) {
    ir::Table& filter = ruleset.rules(family).table(ir::TableName::Filter);
    const ir::ChainId queue = filter.chain_named("VRMR-NEWQ7");
    ChainBuilder(ruleset, family, ir::TableName::Filter, "VRMR-NEWQ7")
        .add({.target = ir::ConnmarkTarget{kQueue7, kLayout.mask()}}, "queue 7")
        .add({.target = ir::NfqueueTarget{7, 7}}, "queue 7");
    ir::Rule limited = port(83, ir::AcceptTarget{});
    limited.matches.emplace_back(ir::LimitMatch{});
    ir::Rule anywhere = port(84, ir::AcceptTarget{});
    anywhere.in_interface.clear();
    anywhere.out_interface.clear();
    ChainBuilder(ruleset, family, ir::TableName::Filter, "FORWARD")
        .add({.target = ir::JumpTarget{filter.chain_named("PRE-VRMR-FORWARD", ir::ChainKind::Foreign)}}, "user hook")
        .jump("VRMR-FORWARD");
    ChainBuilder(ruleset, family, ir::TableName::Filter, "VRMR-FORWARD")
        .add(port(80, ir::AcceptTarget{}), "rule 1: accept http", "rules/rules.conf:1")
        .add(port(81, ir::GotoTarget{queue}), "rule 2: nfqueue", "rules/rules.conf:2")
        .add(port(82, ir::DropTarget{}), "rule 3: drop", "rules/rules.conf:3")
        .add(std::move(limited), "rule 4: accept a few", "rules/rules.conf:4")
        .add(std::move(anywhere), "rule 5: accept", "rules/rules.conf:5");
    ChainBuilder(ruleset, family, ir::TableName::Filter, "INPUT")
        .add({.in_interface = "lo", .target = ir::AcceptTarget{}}, "loopback");
    ChainBuilder(ruleset, family, ir::TableName::Filter, "OUTPUT")
        .add({.out_interface = "lo", .target = ir::AcceptTarget{}}, "loopback");
  }
  return ruleset;
}

struct Machine {
  FakeKernel kernel;

  Machine() {
    kernel.routing = router_facts();
    kernel.route_to = router_route;
  }
  ConnectionReport review(bool enforce = false) {
    auto report = review_connections(kernel, policy(), Backend::Xtables, enforce);
    REQUIRE(report);
    return *report;
  }
};

LiveConnection from_lan(std::uint16_t port, std::uint32_t mark = 0) {
  return connection("10.1.0.5", "198.51.100.1", port, mark);
}

std::string counts(const ConnectionReport& report) {
  return "kept " + std::to_string(report.kept) + ", ended " + std::to_string(report.ended) + ", changed " +
         std::to_string(report.remarked) + ", undecided " + std::to_string(report.undecided) + ", failed " +
         std::to_string(report.failed);
}

std::vector<std::string> told(const ConnectionReport& report) {
  std::vector<std::string> lines;
  for (const ReviewedConnection& reviewed : report.connections)
    lines.push_back(to_string(reviewed.connection) + ": " + explain(reviewed));
  return lines;
}

}  // namespace

TEST_CASE("what the rules refuse and what they send elsewhere is told with the rule, in order") {
  Machine machine;
  machine.kernel.live = {from_lan(80),
                         from_lan(81, kQueue7),
                         from_lan(81),
                         from_lan(81, kQueue3),
                         from_lan(80, kQueue7),
                         from_lan(82),
                         from_lan(99),
                         from_lan(83),
                         connection("fd00:1::5", "2001:db8:9::1", 82),
                         connection("fd00:1::5", "2001:db8:9::1", 80)};
  const auto report = machine.review();
  CHECK(counts(report) == "kept 3, ended 3, changed 3, undecided 1, failed 0");
  CHECK(told(report) ==
        std::vector<std::string>{
            "tcp 10.1.0.5:40000 > 198.51.100.1:82: refused by rule 3: drop",
            "tcp 10.1.0.5:40000 > 198.51.100.1:99: refused by the policy of the chain",
            "tcp [fd00:1::5]:40000 > [2001:db8:9::1]:82: refused by rule 3: drop",
            "tcp 10.1.0.5:40000 > 198.51.100.1:80: plain instead of queue 7, by rule 1: accept http",
            "tcp 10.1.0.5:40000 > 198.51.100.1:81: queue 7 instead of plain, by rule 2: nfqueue",
            "tcp 10.1.0.5:40000 > 198.51.100.1:81: queue 7 instead of queue 3, by rule 2: nfqueue",
            "tcp 10.1.0.5:40000 > 198.51.100.1:83: what cannot be asked any more decides (a limit, a MAC address, a "
            "chain of others): rule 4: accept a few"});
  CHECK(report.connections[0].place == "rules/rules.conf:3");
  CHECK(machine.kernel.live.size() == 10);
}

TEST_CASE("enforcing ends and changes exactly those, and leaves the bits of others as they are") {
  Machine machine;
  const LiveConnection stays = from_lan(80, 0x80000abc), limited = from_lan(83, 0x40000001);
  LiveConnection other = from_lan(81, kQueue3 | 0xc0000def);
  machine.kernel.live = {stays, from_lan(82), other, limited, from_lan(99)};
  const auto report = machine.review(/*enforce=*/true);
  CHECK(report.enforced);
  CHECK(counts(report) == "kept 2, ended 2, changed 1, undecided 1, failed 0");
  other.mark = kQueue7 | 0xc0000def;
  CHECK(machine.kernel.live == std::vector<LiveConnection>{stays, other, limited});
}

TEST_CASE("a change that the kernel refuses is told, and the others are done") {
  Machine machine;
  machine.kernel.live = {from_lan(82), from_lan(99), from_lan(81)};
  machine.kernel.refused_changes[machine.kernel.live[0].id] = EBUSY;
  const auto report = machine.review(/*enforce=*/true);
  CHECK(counts(report) == "kept 1, ended 1, changed 1, undecided 0, failed 1");
  CHECK(machine.kernel.live.size() == 2);
  const auto failed = std::ranges::find(report.connections, EBUSY, &ReviewedConnection::error);
  REQUIRE(failed != report.connections.end());
  CHECK(failed->connection.original.destination_port == 82);
}

TEST_CASE("what ends by itself meanwhile, or was replaced, is left out") {
  Machine machine;
  machine.kernel.live = {from_lan(82), from_lan(99)};
  machine.kernel.fault = [&](const std::string& step) {
    if (step == "change connections" && machine.kernel.live.size() == 2) {
      machine.kernel.live.erase(machine.kernel.live.begin());
      machine.kernel.live[0].id += 1000;
    }
    return 0;
  };
  const auto report = machine.review(/*enforce=*/true);
  // The one that was replaced is found again under its new number.
  CHECK(counts(report) == "kept 0, ended 1, changed 0, undecided 0, failed 0");
  CHECK(machine.kernel.live.empty());
}

TEST_CASE("what the rules of before let in while the table was read is found by looking again") {
  Machine machine;
  machine.kernel.live = {from_lan(82), from_lan(80)};
  bool is_late = false;
  machine.kernel.fault = [&](const std::string& step) {
    if (step == "change connections" && !std::exchange(is_late, true)) machine.kernel.live.push_back(from_lan(99));
    return 0;
  };
  CHECK(counts(machine.review(/*enforce=*/true)) == "kept 1, ended 2, changed 0, undecided 0, failed 0");
  CHECK(machine.kernel.live.size() == 1);
}

TEST_CASE("a connection that a helper announced goes where its master goes") {
  Machine machine;
  const LiveConnection refused = from_lan(82), queued = from_lan(81, kQueue7), limited = from_lan(83);
  const auto announced = [](const LiveConnection& master, std::uint32_t mark = 0) {
    LiveConnection data = connection("198.51.100.1", "10.1.0.5", 20, mark);
    data.original.source_port = static_cast<std::uint16_t>(1000 + data.id);
    data.master = master.original;
    return data;
  };
  SECTION("") {
    machine.kernel.live = {refused,
                           queued,
                           limited,
                           announced(refused),
                           announced(queued),
                           announced(queued, kQueue7),
                           announced(limited),
                           announced(from_lan(80))};
    const auto report = machine.review();
    CHECK(counts(report) == "kept 2, ended 2, changed 1, undecided 3, failed 0");
  }
  SECTION("through more than one") {
    const LiveConnection first = announced(refused), second = announced(first);
    machine.kernel.live = {second, first, refused};
    CHECK(counts(machine.review()) == "kept 0, ended 3, changed 0, undecided 0, failed 0");
  }
  SECTION("in a ring, which the kernel does not make") {
    LiveConnection one = announced(refused), other = announced(one);
    one.master = other.original;
    machine.kernel.live = {one, other};
    CHECK(counts(machine.review()) == "kept 0, ended 0, changed 0, undecided 2, failed 0");
  }
}

TEST_CASE("on a doubt nothing is changed") {
  Machine machine;
  SECTION("a device that matters is not known") {
    machine.kernel.route_to = [](const net::Address&) { return Route{}; };
    machine.kernel.live = {from_lan(80), from_lan(84)};
    const auto report = machine.review();
    CHECK(told(report) ==
          std::vector<std::string>{"tcp 10.1.0.5:40000 > 198.51.100.1:80: it is not known by which device it came: no "
                                   "route leads back to its source"});
    CHECK(report.kept == 1);
  }
  SECTION("a conntrack zone") {
    machine.kernel.live = {from_lan(82)};
    machine.kernel.live[0].in_other_zone = true;
  }
  SECTION("rules of others beside ours may accept") {
    machine.kernel.table(net::Family::Ipv4, ir::TableName::Filter);
    machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "FORWARD", "DOCKER");
    machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "DOCKER", "ACCEPT");
    machine.kernel.live = {from_lan(82), connection("fd00:1::5", "2001:db8:9::1", 80)};
  }
  SECTION("the user's own chain may accept") {
    machine.kernel.table(net::Family::Ipv4, ir::TableName::Filter);
    machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "PRE-VRMR-FORWARD", "ACCEPT");
    machine.kernel.live = {from_lan(82)};
  }
  const auto live = machine.kernel.live;
  CHECK(machine.review(/*enforce=*/true).undecided == 1);
  CHECK(machine.kernel.live == live);
}

TEST_CASE("in nf_tables any rule in the user's chains is one that may accept") {
  Machine machine;
  machine.kernel.live = {from_lan(82)};
  FakeNftTable& table = machine.kernel.nft.tables[net::Family::Ipv4];
  const auto review = [&] { return review_connections(machine.kernel, policy(), Backend::Nft, /*enforce=*/true); };
  table.chains["PRE-VRMR-FORWARD"] = {.rules = 1};
  CHECK(review()->undecided == 1);
  table.chains["PRE-VRMR-FORWARD"] = {.rules = 0};
  CHECK(review()->ended == 1);
}

TEST_CASE("rules of others that only refuse, record or return change nothing") {
  Machine machine;
  machine.kernel.table(net::Family::Ipv4, ir::TableName::Filter);
  machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "FORWARD", "LOG");
  machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "FORWARD", "DROP");
  machine.kernel.add_foreign(net::Family::Ipv4, ir::TableName::Filter, "OTHERS", "ACCEPT");
  machine.kernel.live = {from_lan(82)};
  CHECK(machine.review().ended == 1);
}

TEST_CASE("what the machine says to itself goes on") {
  Machine machine;
  machine.kernel.live = {connection("127.0.0.1", "127.0.0.1", 25), connection("::1", "::1", 25),
                         connection("203.0.113.2", "203.0.113.2", 25)};
  CHECK(counts(machine.review(/*enforce=*/true)) == "kept 3, ended 0, changed 0, undecided 0, failed 0");
}

TEST_CASE("the tag of a reload in the mark of a plain connection is no other queue") {
  Machine machine;
  machine.kernel.live = {from_lan(80, kLayout.encode({ir::MarkKind::Plain, 1}))};
  CHECK(machine.review().kept == 1);
}

TEST_CASE("what cannot be read is an error, and nothing is changed") {
  for (const char* refused : {"connections", "routing facts", "routes", "change connections"}) {
    INFO(refused);
    Machine machine;
    machine.kernel.live = {from_lan(82)};
    machine.kernel.fault = [&](const std::string& step) { return step == refused ? EPERM : 0; };
    CHECK_FALSE(review_connections(machine.kernel, policy(), Backend::Xtables, /*enforce=*/true));
    CHECK(machine.kernel.live.size() == 1);
  }
}
