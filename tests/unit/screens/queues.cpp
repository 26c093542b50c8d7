// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using ipc::Json;

namespace {

Json queue(int first, int last, const char* state, std::vector<std::string> rules) {
  Json queue{{"first", first}, {"last", last}, {"state", state}, {"bypass", false}, {"rules", Json::array()}};
  for (const std::string& rule : rules) queue["rules"].push_back({{"rule", rule}, {"place", "rules/rules.conf:1"}});
  return queue;
}

Json attended(Json queue, std::uint64_t port_id, std::uint64_t packets, int waiting, int dropped, int user_dropped) {
  queue["port_id"] = port_id;
  queue["waiting"] = waiting;
  queue["packets"] = packets;
  queue["dropped"] = dropped;
  queue["user_dropped"] = user_dropped;
  return queue;
}

app::Reply reply(app::RequestId request) {
  Json passes = queue(65535, 65535, "unattended", {"rule 99: nfqueue any from any to any"});
  passes["bypass"] = true;
  return {.request = request,
          .reply = {.parameters = {
                        {"queues",
                         {attended(queue(3, 3, "well", {"rule 4: nfqueue http from lan to world.inet"}), 1811, 4294967295, 2, 0, 0),
                          attended(queue(5, 5, "dropping", {"rule 5: nfqueue ssh from lan to dmz", "rule 6: nfqueue dns from lan to dmz"}),
                                   4294963195, 12, 1024, 700, 31),
                          queue(8, 11, "unattended", {"rule 7: nfqueue any from dmz to lan"}),
                          attended(queue(77, 77, "well", {}), 9, 0, 0, 0, 0), attended(queue(78, 78, "stuck", {}), 9, 7, 7, 0, 0),
                          passes}}}}};
}

}  // namespace

TEST_CASE("queues are shown with who listens, what waits and what was dropped") {
  Driver driver;
  driver.with_daemon().press("n");
  CHECK(driver.shows("the daemon is asked"));
  const auto asked = driver.take<app::Call>();
  CHECK(asked.method == "Queues");
  driver.happen(reply(asked.request));
  expect_screen(driver, "queues-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "queues-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "queues-200x50");
}

TEST_CASE("the daemon is asked again and again, and not while it still answers") {
  Driver driver;
  driver.with_daemon().press("n");
  auto asked = driver.take<app::Call>();
  driver.happen(app::Tick{.now = 100, .time = 1});
  CHECK(driver.take_effects().empty());
  driver.happen(reply(asked.request)).happen(app::Tick{.now = 101, .time = 2});
  asked = driver.take<app::Call>();
  CHECK(asked.method == "Queues");
  driver.happen(app::Reply{.request = asked.request,
                           .reply = {.parameters = {{"message", "no right to read"}, {"code", 13}},
                                     .error = "org.vuurmuur.Manager.Refused"}});
  CHECK(driver.shows("no right to read"));
  driver.happen(app::Tick{.now = 102, .time = 3});
  CHECK(driver.take_effects().empty());
  driver.happen(app::Tick{.now = 103, .time = 4});
  driver.happen(app::Reply{.request = driver.take<app::Call>().request, .reply = {.parameters = {{"queues", Json::array()}}}});
  CHECK(driver.shows("No rule sends to a queue, and no program listens to one."));
}

TEST_CASE("a queue leads to the first rule that sends there") {
  Driver driver;
  driver.with_daemon().press("n");
  driver.happen(reply(driver.take<app::Call>().request));
  driver.press("Enter");
  CHECK(driver.line(0).find("Queues › Rules") != std::string::npos);
  driver.press("Esc End Enter");
  CHECK(driver.shows("that rule is not there any more"));
  driver.press("Up Enter");
  CHECK(driver.shows("no rule sends there"));
}

TEST_CASE("without a daemon nothing is known of queues") {
  Driver driver;
  driver.press("n");
  CHECK(driver.take_effects().empty());
  CHECK_FALSE(driver.shows("the daemon is asked"));
}
