// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "screens/block_lines.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

namespace {

screens_test::Files blocking() {
  auto files = office();
  files["rules/blocklist.conf"] =
      "RULE=\"block 203.0.113.9\"\nRULE=\";block 198.51.100.0/24\"\nRULE=\"block bram.local.lan\"\nRULE=\"block "
      "admins.local.lan\"\n";
  return files;
}

std::string text_of(const Driver& driver) {
  return driver.model().workspace.tree().documents.at("rules/blocklist.conf").to_text();
}

app::Reply blocked(app::RequestId request) {
  return {.request = request,
          .reply = {.parameters = {{"blocked",
                                    {{{"address", "192.0.2.66"}, {"seconds_left", 840}},
                                     {{"address", "2001:db8:6::/48"}, {"seconds_left", nullptr}}}}}}};
}

}  // namespace

TEST_CASE("who is blocked, by the list and by the daemon") {
  auto files = blocking();
  files["rules/blocklist.conf"] += "RULE=\"block brma.local.lan\"\n";
  Driver driver(files);
  driver.with_daemon().press("b");
  driver.happen(blocked(driver.take<app::Call>().request));
  expect_screen(driver, "blocklist-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "blocklist-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "blocklist-200x50");
}

TEST_CASE("somebody is added when it can be, and once only") {
  Driver driver(blocking());
  driver.press("b i").type("300.1.1.1");
  CHECK(driver.shows("expected an address or a network, not '300.1.1.1'"));
  driver.press("Ctrl-u").type("0.0.0.0/0");
  CHECK(driver.shows("would lock everyone out"));
  driver.press("Ctrl-u").type("web.serverz.dmz");
  CHECK(driver.shows("'web.servers.dmz'?"));
  driver.press("Ctrl-u").type("2001:db8::/32").press("Enter");
  CHECK(driver.line(23) == " 2001:db8::/32 is blocked");
  CHECK(text_of(driver).ends_with("RULE=\"block 2001:db8::/32\"\n"));
  driver.press("i").type("203.0.113.9/32").press("Enter");
  CHECK(driver.line(23) == " 203.0.113.9/32 is on the list already");
  CHECK(driver.model().workspace.change_count() == 1);
}

TEST_CASE("a host is chosen by its name") {
  Driver driver(blocking());
  driver.press("b p").type("web").press("Enter");
  CHECK(driver.line(23) == " web.servers.dmz is blocked");
}

TEST_CASE("a pasted list is added in one step, all of it or nothing") {
  Driver driver(blocking());
  driver.press("b").happen(ui::Paste{.text = "192.0.2.1\n192.0.2.2, 203.0.113.9\n2001:db8::/40\n"});
  CHECK(driver.line(23) == " 4 pasted entries are on the list");
  CHECK(
      text_of(driver).ends_with("RULE=\"block 192.0.2.1\"\nRULE=\"block 192.0.2.2\"\nRULE=\"block 2001:db8::/40\"\n"));
  CHECK(driver.model().workspace.change_count() == 1);
  driver.happen(ui::Paste{.text = "192.0.2.3 nobody.at.all"});
  CHECK(driver.line(23).starts_with(" nothing is pasted: 'nobody.at.all' is neither an address"));
  CHECK(driver.model().workspace.change_count() == 1);
}

TEST_CASE("entries are switched and deleted") {
  Driver driver(blocking());
  driver.press("b Space j Space");
  CHECK(text_of(driver).starts_with("RULE=\";block 203.0.113.9\"\nRULE=\"block 198.51.100.0/24\"\n"));
  driver.press("d");
  CHECK(driver.line(23) == " 198.51.100.0/24 is not blocked any more; u undoes it");
  CHECK(driver.press("u u u").model().workspace.changes().is_empty());
}

TEST_CASE("an address is blocked for a time, and unblocked") {
  Driver driver(blocking());
  driver.with_daemon().press("b");
  static_cast<void>(driver.take_effects());
  driver.press("b").type("192.0.2.66").press("Enter Ctrl-u").type("2 weeks");
  CHECK(driver.shows("expects a time like 30s, 10m, 2h or 7d"));
  driver.press("Ctrl-u").type("14m").press("Enter");
  auto call = driver.take<app::Call>();
  CHECK(call.method == "Block");
  CHECK(call.parameters.dump() == R"({"addresses":["192.0.2.66"],"for_seconds":840})");
  driver.happen(app::Reply{.request = call.request, .reply = {}});
  call = driver.take<app::Call>();
  CHECK(call.method == "Blocked");
  driver.happen(blocked(call.request)).press("G k");
  CHECK(driver.shows("14 min left"));
  driver.press("Space");
  CHECK(driver.line(23) == " who is blocked for a time can only be unblocked: d does it");
  driver.press("d");
  call = driver.take<app::Call>();
  CHECK(call.method == "Unblock");
  CHECK(call.parameters.dump() == R"({"addresses":["192.0.2.66"]})");
  driver.happen(
      app::Reply{.request = call.request,
                 .reply = {.parameters = {{"message", "you may not"}}, .error = "org.vuurmuur.Manager.Refused"}});
  CHECK(driver.line(23) == " you may not");
}

TEST_CASE("the daemon is asked again as time passes, and what is left goes down") {
  Driver driver(blocking());
  driver.with_daemon().press("b");
  driver.happen(blocked(driver.take<app::Call>().request));
  driver.happen(app::Tick{.now = 3, .time = 3});
  CHECK(driver.take_effects().empty());
  driver.happen(app::Tick{.now = 60, .time = 60});
  CHECK(driver.take<app::Call>().method == "Blocked");
  CHECK(driver.shows("13 min left"));
}

TEST_CASE("without a daemon nobody is blocked for a time") {
  Driver driver(blocking());
  driver.press("b");
  CHECK(driver.take_effects().empty());
  driver.press("b");
  CHECK(driver.line(23) == " no daemon is asked: started with --offline");
}

TEST_CASE("a daemon that does not say whom it blocks says why") {
  Driver driver(blocking());
  driver.with_daemon().press("b");
  driver.happen(app::Reply{.request = driver.take<app::Call>().request,
                           .reply = {.parameters = {{"message", "you may not ask that"}},
                                     .error = "org.vuurmuur.Manager.PermissionDenied"}});
  CHECK(driver.shows("~ whom the daemon blocks is not known: you may not ask that"));
}

TEST_CASE("times are read with their units") {
  CHECK(screens::seconds_from("90") == 90);
  CHECK(screens::seconds_from(" 30s") == 30);
  CHECK(screens::seconds_from("10m") == 600);
  CHECK(screens::seconds_from("2h") == 7200);
  CHECK(screens::seconds_from("7d") == 604800);
  CHECK_FALSE(screens::seconds_from("0"));
  CHECK_FALSE(screens::seconds_from(""));
  CHECK_FALSE(screens::seconds_from("m"));
  CHECK_FALSE(screens::seconds_from("50d"));
  CHECK_FALSE(screens::seconds_from("1w"));
}
