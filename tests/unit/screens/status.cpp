// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

app::TwoWayRate rate(std::string name, double in, double out) {
  const auto of = [](double bytes) {
    return app::RuleRate{.packets = static_cast<std::int64_t>(bytes),
                         .bytes = static_cast<std::int64_t>(bytes * 5000),
                         .packets_per_second = bytes / 900,
                         .bytes_per_second = bytes};
  };
  return {.name = std::move(name), .in = of(in), .out = of(out)};
}

Driver in_status() {
  Driver driver;
  app::Generation twelve{.number = 12,
                         .state = "confirmed",
                         .directory = "/etc/vuurmuur",
                         .backend = "nft",
                         .comment = "bram is on leave"};
  twelve.is_in_force = true;
  twelve.events.push_back({.what = "confirmed", .user = "anna", .from = "192.0.2.7", .time = 1795659000});
  app::Generation thirteen{.number = 13, .state = "rolled back"};
  thirteen.events.push_back({.what = "rolled back", .user = "bram", .detail = "nobody confirmed it in time"});
  driver.happen(app::LinkChanged{.link = app::Link::There})
      .happen(app::Tick{.now = 50, .time = 1795659100})
      .happen(
          app::StatusKnown{.status = {.state = "confirmed",
                                      .generation = twelve,
                                      .newest = thirteen,
                                      .confirmed = 12,
                                      .drift = "iptables: a rule was added to INPUT",
                                      .refused = "1 error",
                                      .refused_text = "rules/rules.conf:3:22: error: no service is named 'htpp'\n"}});
  driver.press("s");
  for (const double factor : {1.0, 3.0, 2.0, 8.0, 5.0})
    driver.happen(app::CountersSampled{
        .counters = {.time = 1795659098,
                     .seconds = 2,
                     .zones = {rate("lan", 125000, 33000), rate("inet", 0, 0)},
                     .interfaces = {rate("wan", 125000 * factor, 33000), rate("lan0", 33000, 125000 * factor)}}});
  return driver;
}

}  // namespace

TEST_CASE("the status at 80x24, 60x15 and 200x50") {
  Driver driver = in_status();
  expect_screen(driver, "status-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "status-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "status-200x50");
}

TEST_CASE("the status tells why a configuration was refused") {
  Driver driver = in_status();
  driver.press("Enter");
  CHECK(driver.shows("rules/rules.conf:3:22: error: no service is named 'htpp'"));
  CHECK(Driver().with_daemon().press("s Enter").line(23) == " no configuration was refused");
}

TEST_CASE("the status without a daemon, without rules, and while something waits") {
  Driver driver;
  CHECK(driver.press("s").shows("no daemon is asked"));
  driver.happen(app::LinkChanged{.link = app::Link::There}).happen(app::StatusKnown{.status = {.state = "idle"}});
  CHECK(driver.shows("! no rules of ours: the firewall is open"));
  driver.happen(app::StatusKnown{.status = {.state = "awaiting confirmation",
                                            .generation = app::Generation{.number = 3, .state = "applied"},
                                            .confirmed = 2,
                                            .seconds_left = 20}});
  CHECK(driver.shows("[awaiting confirmation] · confirmed"));
  CHECK(driver.shows("! 20 seconds left to confirm: the key ! leads there"));
  CHECK(driver.shows("Goes back to"));
  driver.happen(app::LinkChanged{.link = app::Link::Lost, .reason = "the daemon is gone"});
  CHECK(driver.shows("! the daemon is gone"));
}

TEST_CASE("about tells the version, the licence and the daemon") {
  Driver driver;
  driver.app().model().version = "1.2.3";
  driver.with_daemon().press("V");
  const auto call = driver.take<app::Call>();
  CHECK(call.method == "About");
  driver.happen(app::Reply{.request = call.request,
                           .reply = {.parameters = {{"version", "1.2.3"},
                                                    {"configuration", "/etc/vuurmuur"},
                                                    {"state_directory", "/var/lib/vuurmuur"},
                                                    {"network_namespace", 7}}}});
  expect_screen(driver, "about");
}
