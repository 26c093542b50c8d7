// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "screens/log_text.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

/// From the internet to the firewall's ssh, refused by the second rule.
app::LogEntry knock(int second, const std::string& source = "203.0.113.9") {
  return {.time = "2026-11-26T06:31:" + std::to_string(10 + second) + ".250Z",
          .action = "DROP",
          .service = "ssh",
          .from = source,
          .to = "firewall(wan)",
          .prefix = "knock",
          .from_zone = "inet",
          .to_zone = "firewall",
          .in = "wan",
          .source = source,
          .destination = "198.51.100.1",
          .protocol = "TCP",
          .source_port = 40000 + second,
          .destination_port = 22,
          .tcp_flags = "****S*",
          .length = 40,
          .ttl = 53,
          .rule = "rule 2: drop ssh from inet to firewall",
          .place = "rules/rules.conf:4"};
}

app::LogEntry stray() {
  return {.time = "2026-11-26T06:31:40Z",
          .action = "DROP",
          .service = "4711->9999(udp)",
          .from = "2001:db8::7",
          .to = "2001:db8:1::1",
          .in = "wan",
          .out = "lan0",
          .source = "2001:db8::7",
          .destination = "2001:db8:1::1",
          .protocol = "UDP",
          .source_port = 4711,
          .destination_port = 9999,
          .length = 20,
          .ttl = 60,
          .rule = "policy: no rule took the packet"};
}

Driver& log(Driver& driver, std::vector<app::LogEntry> entries) {
  return driver.happen(app::LogRead{.news = {.entries = std::move(entries)}});
}

}  // namespace

TEST_CASE("what rules log is followed, with the rule that spoke below it") {
  Driver driver;
  driver.with_daemon().press("l");
  CHECK(driver.app().streams().log);
  CHECK(driver.shows("Nothing was logged"));
  log(driver, {knock(1), knock(2, "203.0.113.77"), stray()});
  expect_screen(driver, "log-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "log-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "log-200x50");
}

TEST_CASE("who looks at the last line sees the next, who looks at another keeps it") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1), knock(2), knock(3)});
  CHECK(driver.shows(":40003 ->"));
  log(driver, {knock(4)});
  CHECK(driver.shows(":40004 ->"));
  driver.press("k k");
  CHECK(driver.shows(":40002 ->"));
  log(driver, {knock(5), knock(6)});
  CHECK(driver.shows(":40002 ->"));
  log(driver.press("G"), {knock(7)});
  CHECK(driver.shows(":40007 ->"));
}

TEST_CASE("a log that is held lets others wait, and shows them then") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1)});
  log(driver.press("p"), {knock(2), knock(3)});
  CHECK(driver.shows("held still, 2 wait"));
  CHECK_FALSE(driver.shows(":40003 ->"));
  driver.press("p");
  CHECK(driver.shows(":40003 ->"));
}

TEST_CASE("ten thousand lines are kept, the selected one as long as it is there") {
  Driver driver;
  driver.with_daemon().press("l");
  for (int i = 0; i < 12; ++i) log(driver, std::vector<app::LogEntry>(1000, knock(i)));
  driver.press("g");
  CHECK(driver.shows(":40002 ->"));
  log(driver, std::vector<app::LogEntry>(1000, knock(20)));
  CHECK(driver.shows(":40003 ->"));
}

TEST_CASE("the log is filtered in the words of vuurmuur log, and a wrong filter says so while it is typed") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1), knock(2, "203.0.113.77"), stray()});
  driver.press("/").type("src:203.0.113.77 port:22");
  driver.press("Enter");
  CHECK(driver.shows("203.0.113.77:40002 ->"));
  CHECK_FALSE(driver.shows("2001:db8::7"));
  log(driver, {knock(5), knock(6, "203.0.113.77")});
  CHECK(driver.shows("203.0.113.77:40006 ->"));
  driver.press("\\");
  CHECK(driver.shows("2001:db8::7"));
  driver.press("/").type("sorce:lan");
  CHECK(driver.shows("did you mean 'src'"));
  driver.press("Enter");
  CHECK(driver.shows("sorce:lan"));
}

TEST_CASE("the stored log is searched by a filter and from when on, and shows the day") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1)});
  driver.press("S").type("src:203.0.113.9").press("Enter");
  CHECK(driver.shows("Search from when on?"));
  driver.press("Ctrl-u").type("3h").press("Enter");
  const auto wish = driver.take<app::SearchLog>();
  CHECK(wish.filter == "src:203.0.113.9");
  CHECK(wish.since == "3h");
  CHECK(driver.shows("searching, 0 found so far"));
  // What is logged now is not what was found, and what another search found neither.
  log(driver, {stray()});
  driver.happen(app::LogFound{.request = app::RequestId::None, .entries = {stray()}, .problem = {}});
  CHECK_FALSE(driver.shows("2001:db8::7"));
  driver.happen(app::LogFound{.request = wish.request, .entries = {knock(1), knock(2)}, .problem = {}});
  CHECK(driver.shows("searching, 2 found so far"));
  driver.happen(app::LogFound{.request = wish.request, .entries = {knock(3)}, .problem = {}});
  driver.happen(app::LogFound{.request = wish.request, .entries = {}, .is_done = true, .problem = {}});
  expect_screen(driver, "log-stored-80x24");
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "log-stored-60x15");
  driver.resize({.rows = 24, .columns = 80}).press("p");
  CHECK(driver.shows("nothing comes here that could be held"));
  // A filter narrows what was found, and a search begins from it.
  driver.press("/").type("sport:40002").press("Enter");
  CHECK_FALSE(driver.shows(":40003 ->"));
  driver.press("S");
  CHECK(driver.shows("sport:40002"));
}

TEST_CASE("a search that finds nothing, and one that cannot be made, say so") {
  Driver driver;
  driver.press("l S Enter Enter");
  auto wish = driver.take<app::SearchLog>();
  CHECK(wish.filter.empty());
  CHECK(wish.since == "1d");
  driver.happen(app::LogFound{.request = wish.request, .entries = {}, .is_done = true, .problem = {}});
  CHECK(driver.shows("Nothing was found."));
  driver.press("S Enter Enter");
  wish = driver.take<app::SearchLog>();
  driver.happen(app::LogFound{.request = wish.request, .entries = {}, .is_done = true, .problem = "cannot read '/var/log/vuurmuur'"});
  CHECK(driver.shows("! cannot read '/var/log/vuurmuur'"));
}

TEST_CASE("from a line to why, to the rule, and to a rule that does the opposite in front of it") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1)});
  driver.press("Enter");
  expect_screen(driver, "log-why");
  driver.press("Esc m");
  CHECK(driver.shows("accept"));
  CHECK(driver.shows("ssh"));
  driver.press("Ctrl-s");
  CHECK(driver.rules().find("\naccept service ssh from inet to firewall\n") != std::string::npos);
  driver.press("r");
  CHECK(driver.shows("Rules"));
}

TEST_CASE("no rule is made of what has no name, and the reason is said") {
  Driver driver;
  log(driver.with_daemon().press("l"), {stray()});
  driver.press("m");
  CHECK(driver.shows("no service has a name"));
  driver.press("r");
  CHECK(driver.shows("no rule of the policy spoke here"));
  app::LogEntry nowhere = knock(1);
  nowhere.from_zone.clear();
  CHECK(screens::opposite_rule(nowhere).error().message == "no zone has 203.0.113.9: a rule cannot name it");
  nowhere.from = "web.servers.dmz";
  nowhere.action = "ACCEPT";
  CHECK(screens::opposite_rule(nowhere) == "drop service ssh from web.servers.dmz to firewall");
}

TEST_CASE("who sent it is blocked, and connections between the two are ended") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1)});
  static_cast<void>(driver.take_effects());
  driver.press("b Enter");
  const auto block = driver.take<app::Call>();
  CHECK(block.method == "Block");
  CHECK(block.parameters == ipc::Json{{"addresses", {"203.0.113.9"}}, {"for_seconds", 600}});
  driver.press("K y");
  const auto kill = driver.take<app::Call>();
  CHECK(kill.method == "KillConnections");
  CHECK(kill.parameters.at("filter") == "src:203.0.113.9 dst:198.51.100.1");
  driver.happen(app::Reply{.request = kill.request, .reply = {.parameters = {{"ended", 3}}}});
  CHECK(driver.shows("3 ended"));
}

TEST_CASE("columns are chosen, and what was left out is said") {
  Driver driver;
  log(driver.with_daemon().press("l"), {knock(1)});
  CHECK(driver.line(1).find("Service") != std::string::npos);
  driver.press("c Down Down Space Enter");
  CHECK(driver.line(1).find("Service") == std::string::npos);
  driver.happen(app::LogRead{.news = {.missed = 40, .lost = 2}});
  CHECK(driver.shows("40 left out"));
  CHECK(driver.shows("2 lost"));
  driver.happen(app::StreamEnded{.method = "WatchLog", .reason = "the daemon has no log"});
  CHECK(driver.shows("the daemon has no log"));
}

TEST_CASE("an entry of the log is read from the daemon's answer, whatever is missing") {
  const app::LogNews news = app::log_from(ipc::Json::parse(R"({"entries": [{"action": "DROP", "source": "192.0.2.1",
      "source_port": 5, "rule": 7}, "nonsense"], "missed": 3})"));
  REQUIRE(news.entries.size() == 1);
  CHECK(news.entries[0].action == "DROP");
  CHECK(news.entries[0].source_port == 5);
  CHECK(news.entries[0].rule.empty());
  CHECK(news.missed == 3);
  CHECK(screens::with_port("2001:db8::1", 22) == "[2001:db8::1]:22");
}
