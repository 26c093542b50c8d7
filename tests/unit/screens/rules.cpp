// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::office;

TEST_CASE("the rules at 80x24, 60x15 and 200x50") {
  Driver driver;
  driver.press("r j");
  expect_screen(driver, "rules-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "rules-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "rules-200x50");
}

TEST_CASE("a rule is switched off, and back by undo") {
  Driver driver;
  driver.press("r j Space");
  CHECK(driver.line(23) == " rule 2 is off");
  CHECK(driver.model().workspace.now().rules[1].text.starts_with(";accept service ssh"));
  driver.press("x");
  CHECK(driver.line(0).find("draft: 1 change") != std::string::npos);
  driver.press("u");
  CHECK(driver.line(23) == " undone: rule 2 is off");
  CHECK(driver.model().workspace.change_count() == 0);
  driver.press("Ctrl-r");
  CHECK(driver.model().workspace.changes().files.size() == 1);
}

TEST_CASE("a rule moves with its selection, to both ends and no further") {
  Driver driver;
  driver.press("r G - -");
  CHECK(driver.model().workspace.now().rules[5].text == ";drop service any from dmz to lan");
  driver.press("+ = = =");
  CHECK(driver.model().workspace.now().rules[7].text == ";drop service any from dmz to lan");
  CHECK(driver.press("m").type("1").press("Enter").model().workspace.now().rules[0].text ==
        ";drop service any from dmz to lan");
}

TEST_CASE("a rule that another one leaves nothing has a mark, and says which") {
  Driver driver;
  driver.press("r j c");
  CHECK(driver.shows("~ rule 3 makes no difference: rule 2 takes all that it would take"));
  CHECK(driver.line(4).find("[x]~") != std::string::npos);
  driver.press("u");
  CHECK_FALSE(driver.shows("makes no difference"));
}

TEST_CASE("many rules are judged beside what goes on, and what is found is for those that were asked about") {
  auto files = office();
  for (std::size_t i = 0; i <= app::kMostRulesJudgedAtOnce; ++i)
    files["rules/rules.conf"] += "RULE=\"accept service ssh from lan to dmz\"\n";
  Driver driver(files);
  driver.press("r G");
  const auto first = driver.take<app::Judge>();
  CHECK_FALSE(driver.shows("makes no difference"));
  driver.press("j");
  CHECK_THROWS(driver.take<app::Judge>());
  // A step meanwhile: what was found is of rules that there are no more.
  driver.press("c");
  const auto second = driver.take<app::Judge>();
  driver.happen(app::Judged{.asked = first.reading, .found = app::judge(*first.reading)});
  CHECK_FALSE(driver.shows("makes no difference"));
  driver.happen(app::Judged{.asked = second.reading, .found = app::judge(*second.reading)});
  CHECK(driver.shows("makes no difference"));
  CHECK_THROWS(driver.take<app::Judge>());
}

TEST_CASE("a wrong number for a move is told of and not taken") {
  Driver driver;
  driver.press("r m").type("99").press("Enter");
  CHECK(driver.shows("expects a number from 1 to 8"));
  CHECK(driver.press("Esc").model().workspace.change_count() == 0);
}

TEST_CASE("marked rules are switched and deleted together") {
  Driver driver;
  driver.press("r j x x Space");
  CHECK(driver.line(23) == " 2 rules are off");
  driver.press("d");
  CHECK(driver.shows("Delete 2 rules?"));
  CHECK(driver.press("n").model().workspace.now().rules.size() == 8);
  CHECK(driver.press("d y").model().workspace.now().rules.size() == 6);
  CHECK(driver.press("u u").model().workspace.change_count() == 0);
}

TEST_CASE("a filter shows what it admits, and rules are not moved under it") {
  Driver driver;
  driver.press("r /").type("lan !masq").press("Enter");
  expect_screen(driver, "rules-filtered");
  driver.press("-");
  CHECK(driver.line(23) == " rules are moved when all of them are shown: Esc ends the filter");
  driver.press("\\");
  CHECK(driver.shows("masq"));
}

TEST_CASE("directions are shown one at a time") {
  Driver driver;
  driver.press("r N");
  CHECK(driver.shows("ssh"));
  CHECK_FALSE(driver.shows("dns"));
  CHECK(driver.press("U").shows("dns"));
  CHECK(driver.press("O").shows("portfw"));
  CHECK(driver.press("O").shows("ssh"));
}

TEST_CASE("a copy stands behind its rule and is selected") {
  Driver driver;
  driver.press("r j c");
  const auto& rules = driver.model().workspace.now().rules;
  REQUIRE(rules.size() == 9);
  CHECK(rules[1].text == rules[2].text);
  CHECK(driver.press("d").model().workspace.now().rules.size() == 8);
}

TEST_CASE("a rule with an error is shown as it is written, with what is wrong") {
  auto files = office();
  files["rules/rules.conf"] += "RULE=\"accept service htpp from lan to inet\"\nRULE=\"acept http from lan to inet\"\n";
  Driver driver(files);
  driver.press("r G k");
  expect_screen(driver, "rules-broken", true);
  driver.press("j v");
  CHECK(driver.line(23) == " a rule that has an error becomes no kernel rules");
}

TEST_CASE("what rules count is shown, and that they never did") {
  Driver driver;
  driver.with_daemon().press("r");
  CHECK(driver.app().streams().counters);
  app::Counters counters{.time = 1};
  counters.rules["accept ssh from admins.local.lan to firewall"] = {.packets = 12345, .packets_per_second = 2};
  driver.happen(app::CountersSampled{.counters = counters}).resize({.rows = 24, .columns = 100});
  expect_screen(driver, "rules-counters");
}

TEST_CASE("the kernel rules of a rule are asked for and shown") {
  Driver driver;
  driver.press("r j v");
  const auto preview = driver.take<app::Preview>();
  CHECK(preview.rule == 2);
  driver.happen(app::PreviewMade{.request = preview.request, .lines = {"# IPv4", "-A INPUT -j ACCEPT"}});
  CHECK(driver.shows("-A INPUT -j ACCEPT"));
  CHECK(driver.press("q").shows("Service"));
}

TEST_CASE("nothing is changed by who may not write, and he is told why") {
  Driver driver;
  driver.app().model().why_read_only = "you may not write '/etc/vuurmuur'";
  driver.press("r Space");
  CHECK(driver.line(23) == " you may not write '/etc/vuurmuur'");
  CHECK(driver.model().workspace.change_count() == 0);
  CHECK(driver.line(0).find("read-only") != std::string::npos);
}

TEST_CASE("a click selects a rule, a double click opens it, and the footer is clicked as its keys are pressed") {
  Driver driver;
  driver.press("r").click(6, 20);
  CHECK(driver.click(6, 20, true).line(0).find("Rule 5") != std::string::npos);
  driver.press("Esc").click(23, 15);
  CHECK(driver.line(23) == " rule 5 is off");
}

TEST_CASE("marks of rules that somebody else took away mark nothing") {
  Driver driver;
  driver.press("r G x");
  auto memory = std::make_shared<base::MemoryFileSystem>(driver.model().workspace.files());
  memory->files["/etc/vuurmuur/rules/rules.conf"] = "RULE=\"accept service any from any to any\"\n";
  driver.happen(app::TreeRead{.files = memory}).press("Space");
  CHECK(driver.line(23) == " rule 1 is off");
  CHECK(driver.rules() == ";accept service any from any to any\n");
}

TEST_CASE("keys that come before the first frame mean what they mean later") {
  CHECK(Driver().press_unseen("r Space").model().workspace.change_count() == 1);
  CHECK(Driver().press_unseen("r j e").line(0).find("Rule 2") != std::string::npos);
  CHECK(Driver().press_unseen("r G d").model().workspace.now().rules.size() == 7);
  CHECK(Driver().press_unseen("r j c").model().workspace.now().rules.size() == 9);
}
