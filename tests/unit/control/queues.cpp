// SPDX-License-Identifier: GPL-2.0-or-later
#include <nlohmann/json.hpp>

#include "base/memory_file_system.h"
#include "control/checked_policy.h"
#include "control/queue_balance.h"
#include "control/queue_monitor.h"
#include "control/queue_periods.h"
#include "control/queue_report.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;
using What = QueueEvent::What;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

QueueRule rule(std::uint16_t first, std::uint16_t last, const char* text, bool bypass = false) {
  return {.range = {.first = first, .last = last}, .bypass = bypass, .rule = text, .place = "rules/rules.conf:1"};
}

apply::QueueStatistics bound(std::uint16_t number, std::uint32_t packets = 0, std::uint32_t waiting = 0) {
  return {.number = number,
          .port_id = 100U + number,
          .waiting = waiting,
          .copy_mode = 2,
          .copy_range = 65531,
          .last_id = packets};
}

/// "0-3 two rules, nobody".
std::vector<std::string> texts(const std::vector<QueueRow>& rows) {
  std::vector<std::string> texts;
  for (const QueueRow& row : rows) {
    std::string text = queue_numbers(row.first, row.last) + ":";
    for (const QueueRule* rule : row.rules) text += " " + rule->rule;
    texts.push_back(text + (row.consumer ? ", somebody" : ", nobody"));
  }
  return texts;
}

/// A monitor of rules in front of a kernel that is told.
struct World {
  std::vector<QueueRule> rules;
  QueueMonitor monitor{};
  std::int64_t now = 0;

  std::vector<std::string> look(const std::vector<apply::QueueStatistics>& statistics, std::int64_t seconds = 1) {
    now += seconds * kSecond;
    rows = queue_report(rules, statistics);
    std::vector<std::string> details;
    for (const QueueEvent& event : monitor.look(rows, now)) details.push_back(event.detail);
    return details;
  }
  std::vector<QueueRow> rows{};
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("queues of the same rules that nobody listens to are one row, each other one its own") {
  const std::vector rules{rule(0, 9, "a"), rule(5, 5, "b"), rule(20, 20, "c"), rule(65535, 65535, "d")};
  CHECK(texts(queue_report(rules, {})) ==
        Texts{"0-4: a, nobody", "5: a b, nobody", "6-9: a, nobody", "20: c, nobody", "65535: d, nobody"});
  const std::vector statistics{bound(0), bound(1), bound(5), bound(7), bound(30), bound(65535)};
  CHECK(texts(queue_report(rules, statistics)) ==
        Texts{"0: a, somebody", "1: a, somebody", "2-4: a, nobody", "5: a b, somebody", "6: a, nobody",
              "7: a, somebody", "8-9: a, nobody", "20: c, nobody", "30:, somebody", "65535: d, somebody"});
  CHECK(queue_report({}, {}).empty());
}

TEST_CASE("what nobody listens to passes when all of its rules say so") {
  const std::vector rules{rule(0, 1, "a", /*bypass=*/true), rule(1, 1, "b")};
  const auto rows = queue_report(rules, {});
  CHECK(rows.at(0).passes_unattended());
  CHECK_FALSE(rows.at(1).passes_unattended());
  CHECK(
      json_of(rows.at(0), QueueHealth::Unattended).dump() ==
      R"({"first":0,"last":0,"state":"unattended","bypass":true,"rules":[{"rule":"a","place":"rules/rules.conf:1"}]})");
  const auto attended = queue_report(rules, std::vector{bound(1, 9, 3)});
  CHECK(
      json_of(attended.at(1), QueueHealth::Stuck).dump() ==
      R"({"first":1,"last":1,"state":"stuck","bypass":false,"rules":[{"rule":"a","place":"rules/rules.conf:1"},)"
      R"({"rule":"b","place":"rules/rules.conf:1"}],"port_id":101,"waiting":3,"dropped":0,"user_dropped":0,"packets":9,"copied":65531})");
}

TEST_CASE("the queues of a policy are those that its active rules name") {
  base::MemoryFileSystem files;
  files.files["/tree/interfaces/nic.conf"] = "ACTIVE=\"Yes\"\nDEVICE=\"eth0\"\nIPADDRESS=\"10.1.0.1\"\n";
  files.files["/tree/zones/lan/zone.config"] = "ACTIVE=\"Yes\"\n";
  files.files["/tree/zones/lan/networks/local/network.config"] =
      "ACTIVE=\"Yes\"\nNETWORK=\"10.1.0.0\"\nNETMASK=\"255.255.0.0\"\nINTERFACE=\"nic\"\n";
  files.files["/tree/services/ssh"] = "ACTIVE=\"Yes\"\nTCP=\"22*1024:65535\"\n";
  files.files["/tree/rules/rules.conf"] =
      "RULE=\"accept service ssh from lan to firewall\"\n"
      "RULE=\"nfqueue service ssh from lan to firewall options nfqueuenum=\\\"4:7\\\",bypass\"\n"
      "RULE=\";nfqueue service ssh from firewall to lan options nfqueuenum=\\\"9\\\"\"\n"
      "RULE=\"nfqueue service ssh from firewall to lan\"\n";
  const auto checked = check_tree(files, "/tree");
  for (const diag::Diagnostic& each : checked->sink.all()) UNSCOPED_INFO(each.message);
  REQUIRE_FALSE(checked->sink.has_errors());
  const auto rules = queue_rules(checked->policy);
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].range == model::QueueRange{4, 7});
  CHECK(rules[0].bypass);
  CHECK(rules[0].rule == "rule 2: nfqueue ssh from lan to firewall");
  CHECK(rules[0].place == "rules/rules.conf:2");
  CHECK(rules[1].range == model::QueueRange{0, 0});
  CHECK_FALSE(rules[1].bypass);
}

TEST_CASE("who stops listening is told once, with what becomes of packets, and who begins") {
  World world{{rule(4, 7, "rule 1: a"), rule(9, 9, "rule 2: b", /*bypass=*/true)}};
  CHECK(world.look({bound(5)}) ==
        Texts{"queue 4: nobody listens, what is sent there is dropped (rule 1: a)",
              "queues 6-7: nobody listens, what is sent there is dropped (rule 1: a)",
              "queue 9: nobody listens, what is sent there passes without inspection (rule 2: b)"});
  CHECK(world.look({bound(5)}).empty());
  CHECK(world.look({bound(5), bound(6), bound(9)}) ==
        Texts{"queue 6: a program listens (port id 106)", "queue 9: a program listens (port id 109)"});
  CHECK(world.look({bound(6), bound(9)}) ==
        Texts{"queue 5: nobody listens, what is sent there is dropped (rule 1: a)"});
  // Rules that come and go change nothing of what is known of the others.
  world.rules = {rule(9, 9, "rule 1: b", /*bypass=*/true)};
  CHECK(world.look({bound(6), bound(9)}).empty());
  world.rules.push_back(rule(6, 7, "rule 2: c"));
  CHECK(world.look({bound(6), bound(9)}) ==
        Texts{"queue 7: nobody listens, what is sent there is dropped (rule 2: c)"});
  // Queues of others do not matter.
  CHECK(world.look({bound(6), bound(9), bound(77)}).empty());
}

TEST_CASE("queues side by side to which the same happens are one event, whatever rows they are in") {
  World world{{rule(0, 65534, "rule 1: a")}};
  CHECK(world.look({bound(1), bound(3)}).size() == 3);
  CHECK(world.look({}) == Texts{"queue 1: nobody listens, what is sent there is dropped (rule 1: a)",
                                "queue 3: nobody listens, what is sent there is dropped (rule 1: a)"});
  World other{{rule(0, 2, "rule 1: a"), rule(3, 5, "rule 2: b")}};
  CHECK(other.look({bound(0), bound(1), bound(2), bound(3), bound(4), bound(5)}).empty());
  CHECK(other.look({}) == Texts{"queues 0-2: nobody listens, what is sent there is dropped (rule 1: a)",
                                "queues 3-5: nobody listens, what is sent there is dropped (rule 2: b)"});
}

TEST_CASE("packets that are dropped are told when it begins and when it has ended for a while") {
  World world{{rule(5, 5, "rule 1: a")}};
  auto queue = bound(5, 1000, 1024);
  CHECK(world.look({queue}).empty());
  queue.last_id += 50;
  queue.dropped += 70;
  CHECK(world.look({queue}) == Texts{"queue 5: packets are dropped: the queue is full"});
  CHECK(world.monitor.health(world.rows.at(0)) == QueueHealth::Dropping);
  queue.last_id += 50;
  queue.dropped += 7;
  CHECK(world.look({queue}).empty());
  queue.waiting = 0;
  for (int i = 0; i < 9; ++i) CHECK(world.look({queue}).empty());
  CHECK(world.look({queue}) == Texts{"queue 5: goes on, 77 packets were dropped"});
  CHECK(world.monitor.health(world.rows.at(0)) == QueueHealth::Well);
  // They have an ID and wait nowhere: no verdict was given.
  queue.last_id += 3;
  queue.user_dropped += 3;
  CHECK(world.look({queue}) == Texts{"queue 5: packets are dropped: the socket of its program is full"});
}

TEST_CASE("who gives no verdict while packets wait is stuck, who has nothing to do is not") {
  World world{{rule(5, 5, "rule 1: a")}};
  CHECK(world.look({bound(5)}).empty());
  CHECK(world.look({bound(5)}, 60).empty());
  CHECK(world.look({bound(5, 3, 3)}).empty());
  CHECK(world.look({bound(5, 4, 4)}) == Texts{"queue 5: 4 packets wait, and no verdict came for 1 s"});
  CHECK(world.monitor.health(world.rows.at(0)) == QueueHealth::Stuck);
  CHECK(world.look({bound(5, 9, 9)}).empty());
  CHECK(world.look({bound(5, 9, 8)}) == Texts{"queue 5: goes on"});
  // As many come as go: what waits stays the same.
  CHECK(world.look({bound(5, 19, 8)}, 5).empty());
  CHECK(world.look({bound(5, 29, 8)}, 5).empty());
}

TEST_CASE("counters that go around at 2^32 are no other program, a smaller number of packets is one") {
  World world{{rule(5, 5, "rule 1: a")}};
  auto queue = bound(5, 0xfffffff0, 2);
  queue.dropped = 0xffffffff;
  CHECK(world.look({queue}).empty());
  queue.dropped = 4;
  queue.last_id = 7;
  CHECK(world.look({queue}) == Texts{"queue 5: packets are dropped: the queue is full"});
  auto other = bound(5, 1, 0);
  other.port_id = 4711;
  CHECK(world.look({other}) == Texts{"queue 5: another program listens (port id 4711), what waited was dropped"});
  CHECK(world.monitor.health(world.rows.at(0)) == QueueHealth::Well);
  CHECK(world.look({other}).empty());
  // The same program, which left the queue and came back between two looks.
  other.last_id = 500;
  CHECK(world.look({other}).empty());
  other.last_id = 3;
  CHECK(world.look({other}) == Texts{"queue 5: another program listens (port id 4711), what waited was dropped"});
}

TEST_CASE("queues of a rule that nobody listens to are left out while others of it have somebody") {
  using Queues = std::vector<std::uint16_t>;
  const std::vector rules{rule(0, 3, "a"), rule(7, 7, "b"), rule(8, 9, "c")};
  QueueBalance balance;
  std::int64_t now = 0;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics, std::int64_t seconds = 1) {
    now += seconds * kSecond;
    return balance.look(queue_report(rules, statistics), QueueMonitor(), now);
  };
  // Where nobody is, the rule says what happens; so it does for one queue alone.
  CHECK(look({}).empty());
  const std::vector all{bound(0), bound(1), bound(2), bound(3), bound(7), bound(8), bound(9)};
  CHECK(look(all).empty());
  CHECK(look({bound(0), bound(2), bound(3), bound(8), bound(9)}, 60) == Queues{1});
  CHECK(look({bound(2), bound(9)}) == Queues{0, 1, 3, 8});
  CHECK(look({bound(9)}) == Queues{8});
  CHECK(look({}).empty());
  // They come back after they had been there for long.
  CHECK(look({bound(0), bound(1), bound(2), bound(3)}).empty());
}

TEST_CASE("who leaves again soon gets connections when he has stayed") {
  using Queues = std::vector<std::uint16_t>;
  const std::vector rules{rule(0, 1, "a")};
  QueueBalance balance;
  std::int64_t now = 0;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics, std::int64_t seconds = 1) {
    now += seconds * kSecond;
    return balance.look(queue_report(rules, statistics), QueueMonitor(), now);
  };
  const std::vector both{bound(0), bound(1)}, one{bound(0)}, other{bound(1)};
  CHECK(look(both).empty());
  CHECK(look(one) == Queues{1});
  CHECK(look(both).empty());
  CHECK(look(one) == Queues{1});
  // It begins and ends again and again.
  for (int i = 0; i < 20; ++i) {
    CHECK(look(both) == Queues{1});
    CHECK(look(one) == Queues{1});
  }
  // Better than nobody.
  CHECK(look(other) == Queues{0});
  CHECK(look(both, 5).size() == 1);
  CHECK(look(both, 60).empty());
}

TEST_CASE("a program that is stuck is left out like one that is gone, and taken in when it goes on") {
  using Queues = std::vector<std::uint16_t>;
  World world{{rule(0, 1, "a"), rule(7, 7, "b")}};
  QueueBalance balance;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics, std::int64_t seconds = 1) {
    static_cast<void>(world.look(statistics, seconds));
    return balance.look(world.rows, world.monitor, world.now);
  };
  CHECK(look({bound(0), bound(1), bound(7)}).empty());
  // Packets wait since this look; at the next one they have waited for too long.
  CHECK(look({bound(0, 3, 3), bound(1, 9), bound(7)}).empty());
  CHECK(look({bound(0, 3, 3), bound(1, 19), bound(7)}) == Queues{0});
  CHECK(look({bound(0, 3, 3), bound(1, 29), bound(7)}, 60) == Queues{0});
  // It goes on, and is stuck again at once: now it has to stay for a while.
  CHECK(look({bound(0, 3, 0), bound(1, 29), bound(7)}).empty());
  CHECK(look({bound(0, 5, 2), bound(1, 29), bound(7)}).empty());
  CHECK(look({bound(0, 5, 2), bound(1, 29), bound(7)}) == Queues{0});
  CHECK(look({bound(0, 5, 0), bound(1, 29), bound(7)}) == Queues{0});
  CHECK(look({bound(0, 6, 0), bound(1, 29), bound(7)}, 29) == Queues{0});
  CHECK(look({bound(0, 7, 0), bound(1, 29), bound(7)}).empty());
  // A queue alone has no other one.
  CHECK(look({bound(0, 7, 0), bound(1, 29), bound(7, 5, 5)}).empty());
  CHECK(look({bound(0, 7, 0), bound(1, 29), bound(7, 5, 5)}).empty());
  CHECK(world.monitor.health(world.rows.at(2)) == QueueHealth::Stuck);
}

TEST_CASE("where all of a rule are stuck or gone nothing is left out") {
  using Queues = std::vector<std::uint16_t>;
  World world{{rule(0, 2, "a")}};
  QueueBalance balance;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics) {
    static_cast<void>(world.look(statistics));
    return balance.look(world.rows, world.monitor, world.now);
  };
  CHECK(look({bound(0), bound(1), bound(2)}).empty());
  CHECK(look({bound(0, 3, 3), bound(1), bound(2)}).empty());
  CHECK(look({bound(0, 3, 3), bound(1, 4, 4)}) == Queues{0, 2});
  CHECK(look({bound(0, 3, 3), bound(1, 4, 4)}).empty());
  CHECK(look({bound(0, 3, 3), bound(1, 4, 4)}).empty());
  // Another program in the place of one that is stuck.
  auto other = bound(1);
  other.port_id = 4711;
  CHECK(look({bound(0, 3, 3), other}) == Queues{0, 2});
}

TEST_CASE("who is slow but gives verdicts is not left out, however many packets wait") {
  World world{{rule(0, 1, "a")}};
  QueueBalance balance;
  for (std::uint32_t i = 0; i < 60; ++i) {
    // One verdict a second, and the queue is full all the time.
    CHECK(world.look({bound(0, 2000 + i, 1024), bound(1)}).empty());
    CHECK(balance.look(world.rows, world.monitor, world.now).empty());
  }
  // The same without that verdict.
  CHECK_FALSE(world.look({bound(0, 2059, 1024), bound(1)}).empty());
  CHECK(balance.look(world.rows, world.monitor, world.now) == std::vector<std::uint16_t>{0});
}

TEST_CASE("what becomes of the balance is told by queues side by side") {
  const std::vector<std::uint16_t> before{1, 2, 7}, now{2, 3, 4};
  const auto events = balance_events(before, now);
  REQUIRE(events.size() == 3);
  CHECK(events[0] ==
        QueueEvent{.what = What::LeftOut,
                   .first = 3,
                   .last = 4,
                   .detail = "queues 3-4: connections go to the other queues of their rules, where somebody listens"});
  CHECK(events[1].detail == "queue 1: gets connections again");
  CHECK(events[2].detail == "queue 7: gets connections again");
  CHECK(balance_events(now, now).empty());
}

TEST_CASE("it is kept from when to when nobody listened, each queue by itself") {
  std::vector rules{rule(0, 5, "a"), rule(6, 7, "b", /*bypass=*/true)};
  QueuePeriods periods;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics, std::int64_t now) {
    Texts ended;
    for (const QueuePeriod& period : periods.look(queue_report(rules, statistics), QueueMonitor(), now))
      ended.push_back(text_of(period));
    return ended;
  };
  CHECK(look({}, 100).empty());
  CHECK(periods.all() == std::vector<QueuePeriod>{{.first = 0, .last = 5, .passes = false, .begin = 100, .end = {}},
                                                  {.first = 6, .last = 7, .passes = true, .begin = 100, .end = {}}});
  CHECK(look({bound(2), bound(7)}, 112) ==
        Texts{"queue 2: nobody listened for 12 s, what was sent there was dropped",
              "queue 7: nobody listened for 12 s, what was sent there passed without inspection"});
  CHECK(look({bound(3), bound(7)}, 120) == Texts{"queue 3: nobody listened for 20 s, what was sent there was dropped"});
  CHECK(periods.all().at(0) == QueuePeriod{.first = 0, .last = 1, .passes = false, .begin = 100, .end = {}});
  CHECK(periods.all().at(1) == QueuePeriod{.first = 2, .last = 2, .passes = false, .begin = 120, .end = {}});
  CHECK(periods.all().at(4) == QueuePeriod{.first = 3, .last = 3, .passes = false, .begin = 100, .end = 120});
  CHECK(json_of(periods.all().at(4)).dump() ==
        R"({"first":3,"last":3,"bypass":false,"stuck":false,"begin":100,"end":120})");
  // Another rule, and what is sent there passes from now on.
  rules = {rule(0, 1, "c", /*bypass=*/true)};
  const auto ended = look({}, 130);
  CHECK(ended.at(0) == "queues 0-1: nobody listened for 30 s, what was sent there was dropped");
  CHECK(periods.all().at(0) == QueuePeriod{.first = 0, .last = 1, .passes = true, .begin = 130, .end = {}});
  CHECK(look({}, 131).empty());
}

TEST_CASE("it is kept when a program was stuck, apart from when nobody listened") {
  World world{{rule(5, 6, "a", /*bypass=*/true)}};
  QueuePeriods periods;
  const auto look = [&](const std::vector<apply::QueueStatistics>& statistics) {
    static_cast<void>(world.look(statistics));
    Texts ended;
    for (const QueuePeriod& period : periods.look(world.rows, world.monitor, 100 + world.now / kSecond))
      ended.push_back(text_of(period));
    return ended;
  };
  CHECK(look({bound(5), bound(6)}).empty());
  CHECK(look({bound(5, 3, 3), bound(6, 3, 3)}).empty());
  CHECK(periods.all().empty());
  CHECK(look({bound(5, 3, 3), bound(6, 3, 3)}).empty());
  // A rule with bypass lets nothing pass as long as a program is bound.
  const QueuePeriod both{.first = 5, .last = 6, .passes = false, .is_stuck = true, .begin = 103, .end = {}};
  CHECK(periods.all() == std::vector{both});
  CHECK(json_of(both).dump() == R"({"first":5,"last":6,"bypass":false,"stuck":true,"begin":103,"end":null})");
  // One goes on, the other is killed: then nobody listens, and it passes.
  CHECK(
      look({bound(5, 3, 0)}) ==
      Texts{
          "queues 5-6: their programs were stuck for 1 s, what was sent there waited, and was dropped where the queue "
          "was full"});
  CHECK(periods.all().front() ==
        QueuePeriod{.first = 6, .last = 6, .passes = true, .is_stuck = false, .begin = 104, .end = {}});
  CHECK(look({bound(5, 3, 0), bound(6)}) ==
        Texts{"queue 6: nobody listened for 1 s, what was sent there passed without inspection"});
  CHECK(text_of({.first = 5, .last = 5, .is_stuck = true, .begin = 3, .end = 9}) ==
        "queue 5: its program was stuck for 6 s, what was sent there waited, and was dropped where the queue was full");
}

TEST_CASE("of periods that ended as many are kept as people look at") {
  const std::vector rules{rule(5, 5, "a")};
  QueuePeriods periods;
  for (int i = 0; i < 300; ++i)
    static_cast<void>(
        periods.look(queue_report(rules, i % 2 == 0 ? std::vector<apply::QueueStatistics>() : std::vector{bound(5)}),
                     QueueMonitor(), i));
  CHECK(periods.all().size() == QueuePeriods::kMost);
  CHECK(periods.all().front().end == 299);
}
