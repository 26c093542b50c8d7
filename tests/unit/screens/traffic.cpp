// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"
#include "ui/sparkline.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

app::Counters sample(int step) {
  app::Counters counters{.time = 1000 + step, .seconds = step == 0 ? 0.0 : 2.0};
  const auto rate = [step](double factor) {
    return app::RuleRate{.packets = 100 * step,
                         .bytes = 100'000 * step,
                         .packets_per_second = 5 * factor,
                         .bytes_per_second = factor * (1 + step % 5)};
  };
  counters.interfaces = {{.name = "lan0", .in = rate(1200), .out = rate(90)},
                         {.name = "wan", .in = rate(4e6), .out = rate(1e5)},
                         {.name = "dmz0"}};
  counters.zones = {{.name = "lan", .in = rate(20), .out = rate(300)}};
  counters.rules["accept ssh from admins.local.lan to firewall"] = rate(7);
  return counters;
}

}  // namespace

TEST_CASE("traffic is shown with the busiest first, and what it was lately") {
  Driver driver;
  driver.with_daemon().press("a");
  CHECK(driver.shows("nothing was counted yet"));
  for (int step = 0; step < 12; ++step) driver.happen(app::CountersSampled{.counters = sample(step)});
  expect_screen(driver, "traffic-80x24");
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "traffic-60x15");
  driver.resize({.rows = 24, .columns = 80}).press("Tab");
  CHECK(driver.shows("from B/s"));
  driver.press("Tab");
  CHECK(driver.shows("accept ssh from admins.local.lan"));
}

TEST_CASE("held figures stay until they are let go") {
  Driver driver;
  driver.with_daemon().press("a").happen(app::CountersSampled{.counters = sample(1)}).press("p");
  const std::string before = driver.line(2);
  driver.happen(app::CountersSampled{.counters = sample(4)});
  CHECK(driver.line(2).substr(0, 60) == before.substr(0, 60));
  driver.press("p");
  CHECK(driver.line(2) != before);
}

TEST_CASE("the order is by rate, volume or name") {
  Driver driver;
  driver.with_daemon().press("a").happen(app::CountersSampled{.counters = sample(3)});
  CHECK(driver.line(2).starts_with("wan"));
  driver.press("s s");
  CHECK(driver.line(2).starts_with("dmz0"));
}

TEST_CASE("bars are as high as their values, the newest at the right") {
  const std::vector<double> values{0, 1, 4, 8};
  CHECK(ui::sparkline(values, 6) == "   ▁▄█");
  CHECK(ui::sparkline(values, 2) == "▄█");
  CHECK(ui::sparkline({}, 3) == "   ");
  CHECK(ui::sparkline(values, 0).empty());
}
