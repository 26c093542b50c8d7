// SPDX-License-Identifier: GPL-2.0-or-later
// Every screen is opened and its rows are looked at.
#include <map>
#include <set>

#include "driver.h"
#include "screens/globals.h"
#include "screens/key_sheet.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;

namespace {

/// Keys that a screen may take from the globals: its own way to go back, to save and to apply.
const std::set<std::string> kOwnWays{"Esc", "F10", "q", "Ctrl-s", "F11", "A"};

void check_rows(const app::Screen& screen) {
  std::map<std::string, std::string> by_key;
  std::set<std::string> ids;
  INFO(screen.title());
  const auto add = [&](const app::Binding& row, bool is_global) {
    INFO(row.id);
    CHECK(ids.insert(row.id).second);
    CHECK(row.act != nullptr);
    CHECK(std::string(row.help).size() > 3);
    CHECK_FALSE(app::keys_of(row).empty());
    for (const ui::Key& key : app::keys_of(row)) {
      const std::string name = ui::name_of(key);
      if (is_global && kOwnWays.contains(name) && by_key.contains(name)) continue;
      const auto [other, is_free] = by_key.try_emplace(name, row.id);
      INFO("key " << name << " is that of " << other->second);
      CHECK(is_free);
    }
  };
  for (const auto table : screen.bindings())
    for (const app::Binding& row : table) add(row, false);
  for (const app::Binding& row : screens::globals()) add(row, true);
}

}  // namespace

TEST_CASE("no key has two meanings on a screen, and each action says what it does") {
  for (const screens::ScreenKind& kind : screens::every_screen()) check_rows(*kind.screen);
  Driver driver;
  driver.press("r ?");
  check_rows(driver.app().top());
}

TEST_CASE("the key sheet is that of the program") {
  const std::string path = std::string(VM_TEST_DIR) + "/../doc/keys.md";
  screens_test::expect_file(path, screens::key_sheet());
}

TEST_CASE("help lists what can be done here, and does it") {
  Driver driver;
  driver.press("r ?");
  screens_test::expect_screen(driver, "help-rules");
  driver.type("copy of the rule").press("Enter");
  CHECK(driver.model().workspace.now().rules.size() == 9);
}

TEST_CASE("a screen and a rule are gone to by their names") {
  Driver driver;
  driver.press(":").type("portfw").press("Enter");
  CHECK(driver.line(0).find("Rules") != std::string::npos);
  driver.press("Enter");
  CHECK(driver.line(0).find("Rule 7") != std::string::npos);
}

TEST_CASE("quitting with a draft asks") {
  Driver driver;
  driver.press("r Space Q");
  CHECK(driver.shows("Quit and lose 1 change that is not saved?"));
  CHECK(driver.take_effects().empty());
  driver.press("y");
  CHECK_NOTHROW(driver.take<app::Quit>());
  CHECK_NOTHROW(Driver().press("Q").take<app::Quit>());
}

TEST_CASE("the main screen says how the firewall is") {
  Driver driver;
  screens_test::expect_screen(driver, "main-offline");
  driver.with_daemon();
  screens_test::expect_screen(driver, "main-daemon", true);
  driver.happen(app::LinkChanged{.link = app::Link::Lost, .reason = "the daemon at '/run/vuurmuur/control' is gone"});
  CHECK(driver.shows("! the daemon at '/run/vuurmuur/control' is gone"));
}

TEST_CASE("a terminal that is too small is told so, and goes on when it grows") {
  Driver driver;
  driver.press("r j").resize({.rows = 5, .columns = 30});
  CHECK(driver.line(0) == "terminal too small: 30×5, nee…");
  driver.press("j").resize({.rows = 1, .columns = 1}).resize({.rows = 24, .columns = 80}).press("Enter");
  CHECK(driver.line(0).find("Rule 3") != std::string::npos);
}
