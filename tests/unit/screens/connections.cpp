// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "screens/connection_text.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

app::LiveConnection web(std::int64_t id, std::int64_t bytes) {
  return {.id = id,
          .protocol = 6,
          .source = {.address = "192.168.1.10",
                     .name = "anna.local.lan",
                     .network = "local.lan",
                     .zone = "lan",
                     .port = 50000 + id},
          .destination = {.address = "203.0.113.80", .port = 443},
          .source_seen_as = app::ConnectionEnd{.address = "198.51.100.1", .port = 50000 + id},
          .service = "https",
          .state = "established",
          .progress = "assured",
          .packets = 10,
          .bytes = bytes,
          .packets_back = 20,
          .bytes_back = 2 * bytes,
          .seconds_left = 300,
          .began = 1'000,
          .kind = "plain",
          .rule = "rule 1: accept https from lan to inet",
          .place = "rules/rules.conf:3"};
}

app::ConnectionSample sample(std::int64_t factor) {
  app::LiveConnection queued = web(3, 50 * factor);
  queued.kind = "queue";
  queued.number = 7;
  queued.mark = 0x10007000;
  queued.service = "";
  queued.protocol = 132;
  queued.state = "";
  queued.rule = "";
  return {.seen = 812, .matched = 3, .connections = {web(1, 900 * factor), web(2, 400 * factor), queued}};
}

Driver& tick(Driver& driver, std::int64_t now) { return driver.happen(app::Tick{.now = now, .time = 1'060 + now}); }

}  // namespace

TEST_CASE("live connections are shown by name, with what they take") {
  Driver driver;
  driver.with_daemon().press("c");
  CHECK(driver.app().streams().connections == app::ConnectionsWish{});
  CHECK(driver.shows("asking"));
  tick(driver, 10).happen(app::ConnectionsSampled{.sample = sample(1)});
  tick(driver, 12).happen(app::ConnectionsSampled{.sample = sample(3)});
  expect_screen(driver, "connections-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "connections-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "connections-200x50");
}

TEST_CASE("the order by rate puts the busiest first, and who is selected stays so") {
  Driver driver;
  tick(driver.with_daemon().press("c"), 10).happen(app::ConnectionsSampled{.sample = sample(1)});
  app::ConnectionSample later = sample(1);
  later.connections[1].bytes += 100'000;
  tick(driver, 12).happen(app::ConnectionsSampled{.sample = later});
  driver.press("s");
  CHECK(driver.app().streams().connections->order == "bytes");
  CHECK(driver.line(2).find("50.0k") != std::string::npos);
  driver.press("j").happen(app::ConnectionsSampled{.sample = sample(1)});
  CHECK(driver.shows("192.168.1.10:50001"));
}

TEST_CASE("connections are filtered and grouped by the daemon, and a group opens") {
  Driver driver;
  driver.with_daemon().press("c").press("/").type("src:lan port:443");
  driver.press("Enter");
  CHECK(driver.app().streams().connections->filter == "src:lan port:443");
  driver.press("Tab");
  CHECK(driver.app().streams().connections->group_by == "source");
  driver.happen(app::ConnectionsSampled{
      .sample = {.seen = 9,
                 .matched = 4,
                 .groups = {{.group = "anna.local.lan", .connections = 4, .packets = 12, .bytes = 5000}}}});
  expect_screen(driver, "connections-grouped");
  driver.press("Enter");
  CHECK(driver.app().streams().connections->group_by == "none");
  CHECK(driver.app().streams().connections->filter == "src:lan port:443 src:anna.local.lan");
}

TEST_CASE("one connection is ended, or all that fit a filter, never all without one") {
  Driver driver;
  tick(driver.with_daemon().press("c"), 10).happen(app::ConnectionsSampled{.sample = sample(1)});
  driver.press("X");
  CHECK(driver.shows("without a filter"));
  driver.press("K");
  CHECK(driver.shows("192.168.1.10:50001 -> 203.0.113.80:443 TCP"));
  static_cast<void>(driver.take_effects());
  driver.press("y");
  const auto one = driver.take<app::Call>();
  CHECK(one.method == "KillConnections");
  CHECK(one.parameters.at("filter") == "src:192.168.1.10 dst:203.0.113.80 proto:6 sport:50001 dport:443");
  driver.happen(app::Reply{.request = one.request, .reply = {.parameters = {{"ended", 1}, {"own", false}}}});
  CHECK(driver.shows("1 connection ended"));
  driver.press("/").type("queue:7");
  driver.press("Enter X y");
  const auto all = driver.take<app::Call>();
  CHECK(all.parameters.at("filter") == "queue:7");
  driver.happen(app::Reply{.request = all.request, .reply = {.parameters = {{"ended", 0}, {"own", true}}}});
  CHECK(driver.shows("your own connection is among them"));
}

TEST_CASE("details, the rule, and blocking who opened it") {
  Driver driver;
  tick(driver.with_daemon().press("c"), 10).happen(app::ConnectionsSampled{.sample = sample(1)});
  driver.press("Enter");
  expect_screen(driver, "connection-details");
  driver.press("Esc b Enter");
  CHECK(driver.take<app::Call>().parameters.at("addresses") == ipc::Json{"192.168.1.10"});
  driver.press("p").happen(app::ConnectionsSampled{.sample = {.seen = 1}});
  CHECK(driver.shows("held still"));
  driver.press("p r");
  CHECK(driver.shows("Rules"));
}

TEST_CASE("a live connection is read from the daemon's answer, whatever is missing") {
  const app::ConnectionSample read = app::connections_from(ipc::Json::parse(R"({"seen": 5, "connections": [
      {"id": 4, "source": {"address": "192.0.2.1"}, "kind": "packet_mark", "mark": 16}, 3]})"));
  REQUIRE(read.connections.size() == 1);
  CHECK(read.seen == 5);
  CHECK(screens::end_name(read.connections[0].source) == "192.0.2.1");
  CHECK(screens::mark_text(read.connections[0]) == "mark 0x10");
  CHECK(screens::protocol_name(132) == "SCTP");
  CHECK(screens::protocol_name(99) == "PROTO 99");
}
