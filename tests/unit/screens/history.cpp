// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using ipc::Json;
using screens_test::Driver;
using screens_test::expect_screen;

namespace {

Json event(const char* what, std::int64_t time, const char* user, const char* from, const char* detail = "") {
  return {{"what", what}, {"time", time}, {"user", user}, {"uid", 0}, {"from", from}, {"detail", detail}};
}

Json generation(int number, const char* state, const char* comment, Json events, bool is_in_force = false) {
  return {{"generation", number}, {"state", state},     {"in_force", is_in_force}, {"directory", "/etc/vuurmuur"},
          {"backend", "nft"},     {"comment", comment}, {"copy_of", nullptr},      {"events", std::move(events)}};
}

// 2026-11-26 02:10 in UTC.
constexpr std::int64_t kTime = 1795659000;

Json history() {
  return {
      {"generations",
       Json::array(
           {generation(
                14, "rolled back", "the web from everywhere",
                Json::array({event("applying", kTime, "bram", "192.0.2.8"),
                             event("applied", kTime + 2, "bram", "192.0.2.8"),
                             event("rolled back", kTime + 62, "bram", "192.0.2.8", "nobody confirmed it in time")})),
            generation(13, "refused", "",
                       Json::array({event("applying", kTime - 4000, "root", ""),
                                    event("refused", kTime - 3999, "root", "", "no memory")})),
            generation(12, "confirmed", "bram is on leave",
                       Json::array({event("applying", kTime - 90000, "anna", "192.0.2.7"),
                                    event("applied", kTime - 89999, "anna", "192.0.2.7"),
                                    event("confirmed", kTime - 89990, "anna", "192.0.2.7"),
                                    event("drifted", kTime - 50000, "iptables", "", "a rule was added to INPUT")}),
                       true),
            generation(11, "confirmed", "the first", Json::array({event("confirmed", kTime - 900000, "anna", "")}))})}};
}

app::Reply reply(const app::Call& call, Json parameters) {
  return {.request = call.request, .reply = {.parameters = std::move(parameters)}};
}

Driver in_history() {
  Driver driver;
  driver.with_daemon().press("h");
  const auto call = driver.take<app::Call>();
  CHECK(call.method == "History");
  return std::move(driver.happen(reply(call, history())));
}

}  // namespace

TEST_CASE("the history at 80x24, 60x15 and 200x50") {
  Driver driver = in_history();
  driver.press("j j");
  expect_screen(driver, "history-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "history-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "history-200x50");
}

TEST_CASE("the history says why it is empty") {
  Driver driver;
  driver.press("h");
  CHECK(driver.shows("no daemon is asked: started with --offline"));
  CHECK(driver.press("Enter").line(23) == " no daemon is asked: started with --offline");
  driver.with_daemon();
  CHECK(driver.shows("The daemon is asked…"));
  const auto call = driver.take<app::Call>();
  static_cast<void>(driver.take_effects());
  driver.happen(reply(call, {{"generations", Json::array()}}));
}

TEST_CASE("a generation is shown with its files, and each is read") {
  Driver driver = in_history();
  driver.press("j j Enter");
  const auto show = driver.take<app::Call>();
  CHECK(show.method == "Show");
  CHECK(show.parameters == Json{{"generation", 12}});
  driver.happen(reply(show, {{"generation", history()["generations"][2]},
                             {"files",
                              {{"rules/rules.conf", "RULE=\"accept service any from any to any\"\n"},
                               {"services/http", "ACTIVE=\"Yes\"\n"}}}}));
  expect_screen(driver, "generation");
  driver.press("Enter");
  CHECK(driver.shows("RULE=\"accept service any from any to any\""));
}

TEST_CASE("a generation is compared with the one before, the one in force and the disk") {
  Driver driver = in_history();
  const auto asked = [&driver](const char* key) {
    driver.press(key);
    const auto call = driver.take<app::Call>();
    CHECK(call.method == "Compare");
    return call.parameters;
  };
  CHECK(asked("d") == Json{{"generation", 13}, {"with", 14}});
  CHECK(asked("f") == Json{{"generation", 12}, {"with", 14}});
  CHECK(asked("w") == Json{{"generation", 14}});
  CHECK(driver.press("G d").line(23) == " there is none before it");
  CHECK(driver.press("k f").line(23) == " it is in force itself");
  driver.press("d");
  driver.happen(reply(driver.take<app::Call>(),
                      {{"differences", Json::array({{{"path", "services/http"},
                                                     {"kind", "removed"},
                                                     {"hunks", Json::array({{{"before_line", 1},
                                                                             {"before_count", 1},
                                                                             {"after_line", 0},
                                                                             {"after_count", 0},
                                                                             {"lines", {"-ACTIVE=\"Yes\""}}}})}}})}}));
  CHECK(driver.line(0).find("Generation 11 → 12") != std::string::npos);
  CHECK(driver.shows("services/http  (gone)"));
  driver.press("Esc d").happen(reply(driver.take<app::Call>(), {{"differences", Json::array()}}));
}

TEST_CASE("the kernel rules of a generation are shown, and an error is told") {
  Driver driver = in_history();
  driver.press("v");
  const auto call = driver.take<app::Call>();
  CHECK(call.method == "Rules");
  driver.happen(app::Reply{.request = call.request,
                           .reply = {.parameters = {{"message", "it was never in force"}, {"code", 2}},
                                     .error = "org.vuurmuur.Manager.Refused"}});
  CHECK(driver.line(23) == " it was never in force");
  driver.press("v").happen(reply(driver.take<app::Call>(), {{"rules", "table inet vuurmuur {\n}\n"}}));
  CHECK(driver.shows("table inet vuurmuur {"));
}

TEST_CASE("a generation is brought back after a question, and waits to be confirmed") {
  Driver driver = in_history();
  driver.press("j j b");
  CHECK(driver.line(23) == " it is in force already");
  driver.press("j b");
  expect_screen(driver, "history-bring-back");
  driver.press("y");
  const auto call = driver.take<app::Call>();
  CHECK(call.method == "Rollback");
  CHECK(call.parameters ==
        Json{{"generation", 11}, {"confirm_seconds", 60}, {"own_connection", nullptr}, {"person", "anna"}});
  CHECK(driver.press("b").line(23) == " the daemon is at it");
  driver.happen(reply(call, {{"taken_back", nullptr}, {"applied", {{"generation", 15}, {"goes_back_to", 12}}}}));
  CHECK(driver.shows("Generation 15 is in force, and waits to be confirmed."));
}

TEST_CASE("the history follows what happens, and keeps the generation that is selected") {
  Driver driver = in_history();
  driver.press("j j").happen(app::StatusKnown{.status = {.state = "confirmed"}});
  Json longer = history();
  longer["generations"].insert(longer["generations"].begin(),
                               generation(15, "confirmed", "", Json::array({event("confirmed", kTime, "anna", "")})));
  driver.happen(reply(driver.take<app::Call>(), longer));
  driver.press("b");
  CHECK(driver.line(23) == " it is in force already");
}
