// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

namespace {

constexpr ui::Size kSmall{.rows = 15, .columns = 60}, kLarge{.rows = 50, .columns = 200},
    kUsual{.rows = 24, .columns = 80};

app::Saved saved(edit::Outcome outcome = {}) {
  return {std::make_shared<const base::Result<edit::Outcome>>(std::move(outcome))};
}
app::Saved not_saved(std::string why) {
  return {std::make_shared<const base::Result<edit::Outcome>>(base::failure(std::move(why)))};
}

app::Reply reply(const app::Call& call, ipc::Json parameters) {
  return {.request = call.request, .reply = {.parameters = std::move(parameters)}};
}
app::Reply error(const app::Call& call, const std::string& name, ipc::Json parameters) {
  return {.request = call.request,
          .reply = {.parameters = std::move(parameters), .error = "org.vuurmuur.Manager." + name}};
}

const ipc::Json kDifferences{
    {"generation", 12},
    {"directory", "/etc/vuurmuur"},
    {"differences",
     {{{"path", "services/http"},
       {"kind", "changed"},
       {"hunks",
        {{{"before_line", 1},
          {"before_count", 2},
          {"after_line", 1},
          {"after_count", 2},
          {"lines", {" ACTIVE=\"Yes\"", "-TCP=\"80*1024:65535\"", "+TCP=\"8080*1024:65535\""}}}}}},
      {{"path", "services/smtp"},
       {"kind", "added"},
       {"hunks",
        {{{"before_line", 0},
          {"before_count", 0},
          {"after_line", 1},
          {"after_count", 1},
          {"lines", {"+ACTIVE=\"Yes\""}}}}}}}}};

const ipc::Json kApplied{
    {"generation", 13},
    {"directory", "/etc/vuurmuur"},
    {"backend", "nft"},
    {"rules", 431},
    {"ended_connections", 2},
    {"goes_back_to", 12},
    {"replaced", nullptr},
    {"warnings", {"the module 'nf_conntrack_ftp' is not there"}},
    {"text", ""},
    {"lockout", nullptr},
    {"lockout_unknown", nullptr},
    {"connections", {{"enforced", true}, {"kept", 14}, {"ended", 2}, {"changed", 1}, {"undecided", 0}, {"failed", 0}}}};

app::Status waiting(std::int64_t seconds) {
  return {.state = "awaiting confirmation",
          .generation = app::Generation{.number = 13, .state = "applied", .backend = "nft", .is_in_force = true},
          .confirmed = 12,
          .seconds_left = seconds};
}

app::Status decided(std::int64_t in_force, std::string what, std::string detail = "") {
  app::Generation thirteen{.number = 13, .state = what, .backend = "nft"};
  thirteen.events.push_back({.what = what, .user = "bram", .from = "192.0.2.8", .detail = std::move(detail)});
  app::Status status{.state = "confirmed", .confirmed = in_force};
  if (in_force == 13) {
    status.generation = thirteen;
  } else {
    status.generation = app::Generation{.number = in_force, .state = "confirmed", .backend = "nft"};
    status.newest = thirteen;
  }
  return status;
}

/// On the apply screen with a rule switched off, a daemon, and what it compared.
Driver with_draft() {
  Driver driver;
  driver.with_daemon().press("r j Space F11");
  const auto compare = driver.take<app::Call>();
  CHECK(compare.method == "Compare");
  CHECK(compare.parameters == ipc::Json{{"generation", 12}});
  driver.happen(reply(compare, kDifferences));
  CHECK(driver.take<app::Call>().method == "Show");
  return driver;
}

/// Presses apply, and saves; gives the call.
app::Call apply(Driver& driver) {
  driver.press("F11");
  CHECK(driver.take<app::Save>().changes.files.size() == 1);
  CHECK(driver.shows("The draft is written to the disk"));
  driver.happen(saved());
  return driver.take<app::Call>();
}

}  // namespace

TEST_CASE("apply shows the draft and what is not in force, at 80x24, 60x15 and 200x50") {
  Driver driver = with_draft();
  expect_screen(driver, "apply-80x24", true);
  expect_screen(driver.resize(kSmall), "apply-60x15");
  expect_screen(driver.resize(kLarge), "apply-200x50");
  CHECK(driver.resize(kUsual).press("G").shows("services/smtp  (new)"));
}

TEST_CASE("apply tells which packets the draft treats otherwise than what is in force, with an example of each") {
  Driver driver;
  driver.with_daemon()
      .press("r j Space F11")
      .happen(reply(driver.take<app::Call>(), {{"differences", ipc::Json::array()}}));
  const auto show = driver.take<app::Call>();
  CHECK(show.method == "Show");
  CHECK(show.parameters == ipc::Json{{"generation", 12}});
  driver.happen(reply(show, {{"files", office()}}));
  CHECK(driver.press("G").shows("Which packets are treated otherwise than now is found out…"));
  const auto compare = driver.take<app::CompareTraffic>();
  const auto change = app::traffic_change(*compare.before, *compare.after);
  REQUIRE(change->rows.size() == 1);
  CHECK(change->rows[0].change == analyse::Change::Blocked);
  // Of something older it is no news.
  driver.happen(app::TrafficCompared{.request = app::RequestId::None, .found = change});
  CHECK_FALSE(driver.shows("- newly blocked"));
  driver.happen(app::TrafficCompared{.request = compare.request, .found = change}).press("G");
  expect_screen(driver, "apply-traffic", true);
  expect_screen(driver.resize(kLarge), "apply-traffic-200x50");
  // Without the draft it is as it was.
  driver.resize(kUsual).press("Esc").press("u F11").happen(
      reply(driver.take<app::Call>(), {{"differences", ipc::Json::array()}}));
  driver.happen(reply(driver.take<app::Call>(), {{"files", office()}}));
  const auto again = driver.take<app::CompareTraffic>();
  driver.happen(
      app::TrafficCompared{.request = again.request, .found = app::traffic_change(*again.before, *again.after)});
  CHECK(driver.shows("✓ every packet that begins a connection is treated as it is now"));
}

TEST_CASE("apply without anything to apply says so, and without a daemon why not") {
  Driver driver;
  driver.with_daemon().press("A").happen(reply(driver.take<app::Call>(), {{"differences", ipc::Json::array()}}));
  expect_screen(driver, "apply-nothing");
  driver.happen(app::LinkChanged{.link = app::Link::Lost, .reason = "the daemon is gone"});
  CHECK(driver.press("A").line(23) == " the daemon is gone");
  CHECK(driver.press("s").line(23) == " there is no draft to save");
}

TEST_CASE("errors refuse to apply") {
  auto files = office();
  files["rules/rules.conf"] += "RULE=\"accept service htpp from lan to world.inet\"\n";
  Driver driver(files);
  driver.with_daemon().press("A A");
  CHECK(driver.shows("! 1 error: nothing is applied before it is gone"));
  CHECK(driver.line(23) == " a configuration with errors is not applied: d tells them");
  CHECK(driver.take<app::Call>().method == "Compare");
}

TEST_CASE("applying saves the draft and asks the daemon, which goes back by itself") {
  Driver driver = with_draft();
  driver.app().model().own_connection = "192.0.2.7 51234 198.51.100.1 22";
  driver.press("c").type("bram is on leave").press("Enter t Ctrl-u").type("90").press("Enter");
  const app::Call call = apply(driver);
  CHECK(call.method == "Apply");
  CHECK(call.parameters == ipc::Json{{"comment", "bram is on leave"},
                                     {"confirm_seconds", 90},
                                     {"own_connection", "192.0.2.7 51234 198.51.100.1 22"},
                                     {"stop_on_lockout", true},
                                     {"person", "anna"},
                                     {"from", "192.0.2.7"}});
  CHECK(driver.model().workspace.change_count() == 0);
  CHECK(driver.shows("… the daemon compiles the configuration and loads it"));
  CHECK(driver.press("A").line(23) == " the daemon is at it");
}

TEST_CASE("what is not saved is not applied") {
  Driver driver = with_draft();
  driver.press("F11 Esc");
  CHECK(driver.line(23) == " the files are being written");
  static_cast<void>(driver.take_effects());
  driver.happen(not_saved("write '/etc/vuurmuur/rules/rules.conf': no space left on device"));
  CHECK(driver.line(23).starts_with(" not saved: write '/etc/vuurmuur/rules/rules.conf': no space left"));
  CHECK(driver.take_effects().empty());
  CHECK(driver.model().workspace.change_count() == 1);
  edit::Outcome refused;
  refused.verdict.found.error("unknown-service", std::nullopt, "no service is named 'htpp'");
  driver.press("s").happen(saved(std::move(refused)));
  CHECK(driver.shows("error: no service is named 'htpp'"));
  CHECK(driver.press("Esc").line(0).find("Apply") != std::string::npos);
}

TEST_CASE("a time that the daemon would not take is told of") {
  Driver driver = with_draft();
  driver.press("t Ctrl-u").type("86401").press("Enter");
  CHECK(driver.shows("expects seconds from 0 to 86400"));
  CHECK(driver.press("Ctrl-u").type("0").press("Enter").shows("never: without a way back"));
}

TEST_CASE("rules that cut this very session are applied only after a word is typed") {
  Driver driver = with_draft();
  const app::Call call = apply(driver);
  driver.happen(error(
      call, "LocksOut",
      {{"lockout",
        "rule 2 (accept ssh from admins.local.lan to firewall) does not let 192.0.2.7 in any more: the end of the "
        "rules drops it"},
       {"text", ""}}));
  expect_screen(driver, "apply-lockout", true);
  expect_screen(driver.resize(kSmall), "apply-lockout-60x15");
  driver.resize(kUsual).press("Enter");
  CHECK(driver.take_effects().empty());
  driver.type("appl").press("Enter");
  CHECK(driver.take_effects().empty());
  driver.type("y").press("Enter");
  const auto again = driver.take<app::Call>();
  CHECK(again.method == "Apply");
  CHECK(again.parameters.at("stop_on_lockout") == false);
}

TEST_CASE("each refusal is shown with its text") {
  const auto refusal = [](const std::string& name, const ipc::Json& parameters) {
    Driver driver = with_draft();
    const app::Call call = apply(driver);
    driver.happen(error(call, name, parameters));
    return driver.text();
  };
  CHECK(
      refusal("Busy", {{"message", "bram applies just now"}}).find("! somebody else is at it: bram applies just now") !=
      std::string::npos);
  CHECK(refusal("Refused", {{"message", "no memory"}, {"lockout", "it would lock you out"}})
            .find("! it would lock you out") != std::string::npos);
  CHECK(refusal("PermissionDenied", {{"message", "not in group 'vuurmuur'"}})
            .find("! you may not do that: not in group 'vuurmuur'") != std::string::npos);
  const std::string errors =
      refusal("ConfigurationHasErrors",
              {{"message", "1 error"}, {"text", "rules/rules.conf:3:22: error: no service is named 'htpp'\n"}});
  CHECK(errors.find("rules/rules.conf:3:22: error: no service is named 'htpp'") != std::string::npos);
}

TEST_CASE("the countdown at 80x24, 60x15 and 200x50") {
  Driver driver = with_draft();
  const app::Call call = apply(driver);
  driver.happen(app::Tick{.now = 100}).happen(app::StatusKnown{.status = waiting(60)});
  driver.happen(reply(call, {{"applied", kApplied}})).happen(app::Tick{.now = 118});
  expect_screen(driver, "countdown-80x24", true);
  expect_screen(driver.resize(kSmall), "countdown-60x15");
  expect_screen(driver.resize(kLarge), "countdown-200x50");
  driver.resize(kUsual).happen(app::Tick{.now = 200});
  CHECK(driver.shows("The time is over: generation 12 comes back."));
}

TEST_CASE("what waits is confirmed by a key, and the daemon says whether it was") {
  Driver driver = with_draft();
  const app::Call call = apply(driver);
  driver.happen(reply(call, {{"applied", kApplied}})).happen(app::StatusKnown{.status = waiting(60)});
  static_cast<void>(driver.take_effects());
  driver.press("Enter");
  CHECK(driver.take_effects().empty());
  driver.press("y");
  const auto confirm = driver.take<app::Call>();
  CHECK(confirm.method == "Confirm");
  CHECK(confirm.parameters == ipc::Json{{"person", "anna"}});
  CHECK(driver.press("b").line(23) == " the daemon was asked already");
  driver.happen(reply(confirm, {{"confirmed", 13}}));
  CHECK(driver.shows("✓ Generation 13 is confirmed."));
  CHECK(driver.press("y").line(23) == " it is decided: Esc goes on");
  CHECK(driver.press("Esc").line(0).find("Rules") != std::string::npos);
}

TEST_CASE("what waits is taken back by a key, by time or by somebody else, and that is told") {
  const auto applied = [] {
    Driver driver = with_draft();
    const app::Call call = apply(driver);
    driver.happen(reply(call, {{"applied", kApplied}})).happen(app::StatusKnown{.status = waiting(60)});
    static_cast<void>(driver.take_effects());
    return driver;
  };
  Driver driver = applied();
  const auto back = driver.press("b").take<app::Call>();
  CHECK(back.method == "TakeBack");
  driver.happen(reply(back, {{"taken_back", 13}, {"in_force", 12}, {"reason", "anna took it back"}}));
  CHECK(driver.shows("Generation 13 was taken back: generation 12 is in force."));
  CHECK(driver.shows("anna took it back"));
  Driver late = applied();
  late.happen(app::StatusKnown{.status = decided(12, "rolled back", "nobody confirmed it in time")});
  expect_screen(late, "countdown-gone-back", true);
  Driver other = applied();
  other.happen(app::StatusKnown{.status = decided(13, "confirmed")});
  CHECK(other.shows("✓ Generation 13 is confirmed by bram from 192.0.2.8."));
}

TEST_CASE("the countdown goes on in the title when its screen is left, and a key leads back to it") {
  Driver driver;
  driver.with_daemon();
  CHECK(driver.press("!").line(23) == " nothing waits to be confirmed");
  driver.happen(app::Tick{.now = 10}).happen(app::StatusKnown{.status = waiting(60)}).happen(app::Tick{.now = 15});
  CHECK(driver.line(0).find("goes back in 55 s") != std::string::npos);
  driver.press("r !");
  CHECK(driver.shows("In 55 s generation 12 comes back by itself."));
  CHECK(driver.press("!").line(23) == " this is it");
  driver.happen(app::LinkChanged{.link = app::Link::Lost, .reason = "the daemon is gone"});
  CHECK(driver.shows("The daemon does not answer: nothing can be confirmed."));
}

TEST_CASE("the draft is saved from everywhere, without applying") {
  Driver driver;
  CHECK(driver.press("Ctrl-s").line(23) == " there is no draft to save");
  driver.press("r j Space Ctrl-s");
  const auto save = driver.take<app::Save>();
  CHECK(save.what == "rule 2 is off");
  REQUIRE(save.changes.files.size() == 1);
  driver.happen(saved());
  CHECK(driver.line(23) == " saved: 1 change");
  CHECK_NOTHROW(driver.take<app::ReadTree>());
  CHECK(driver.model().workspace.now().rules[1].text.starts_with(";accept"));
  CHECK(driver.press("u").line(23) == " nothing was changed");
}
