// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/diagnostics_screen.h"

#include <cerrno>

#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::Files;
using screens_test::office;

namespace {

Files broken() {
  Files files = office();
  files["rules/rules.conf"] +=
      "RULE=\"accept service htpp from lan to world.inet\"\nRULE=\"acept http from lan to inet\"\n";
  files["zones/lan/networks/local/hosts/bram.host"] = "ACTIVE=\"Yes\"\nIPADDRESS=\"192.168.1.300\"\n";
  return files;
}

}  // namespace

TEST_CASE("problems at 80x24, 60x15 and 200x50") {
  Driver driver(broken());
  driver.press("d j");
  expect_screen(driver, "problems-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "problems-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "problems-200x50");
}

TEST_CASE("a problem opens the form of its rule or object, or the editor at the line") {
  Driver driver(broken());
  driver.press("d j Enter");
  CHECK(driver.line(0).find("Rule 9") != std::string::npos);
  driver.press("Esc E");
  auto editor = driver.take<app::RunEditor>();
  CHECK(editor.path == "rules/rules.conf");
  CHECK(editor.line == 10);
  driver.happen(app::EditorEnded{});
  CHECK_NOTHROW(driver.take<app::ReadTree>());
  CHECK(driver.line(0).find("Editor") == std::string::npos);
  driver.press("G Enter");
  CHECK(driver.shows("192.168.1.300"));
  CHECK(driver.line(0).find("Problems › ") != std::string::npos);
  editor = driver.press("Esc E").take<app::RunEditor>();
  CHECK(editor.path == "zones/lan/networks/local/hosts/bram.host");
  CHECK(editor.line == 2);
  driver.happen(app::EditorEnded{}).press("g Enter");
  CHECK(driver.line(0).find("Blocklist") != std::string::npos);
}

TEST_CASE("after the editor a draft meets what was written") {
  Driver driver(broken());
  driver.press("r j Space Esc d E").happen(app::EditorEnded{});
  CHECK(driver.line(0).find("Merge") != std::string::npos);
  CHECK(driver.model().workspace.change_count() == 1);
  Files theirs = broken();
  theirs["services/ssh"] += "COMMENT=\"the shell\"\n";
  auto memory = std::make_shared<base::MemoryFileSystem>();
  for (const auto& [path, text] : theirs) memory->files["/etc/vuurmuur/" + path] = text;
  driver.happen(app::TreeRead{.files = memory});
  CHECK(driver.shows("they changed it, the draft does not"));
  CHECK(driver.press("Enter").model().workspace.change_count() == 1);
}

TEST_CASE("an editor that fails is told of") {
  Driver driver(broken());
  driver.press("d E").happen(app::EditorEnded{.problem = "'vi' ended with an error"});
  CHECK(driver.line(23) == " 'vi' ended with an error");
}

TEST_CASE("a tree without problems says so; a broken or unreadable one needs attention") {
  Files files = office();
  Driver driver(files);
  CHECK_FALSE(screens::needs_attention(driver.model()));
  CHECK(screens::needs_attention(Driver(broken()).model()));
  auto memory = std::make_shared<base::MemoryFileSystem>();
  memory->failing["/etc/vuurmuur"] = EACCES;
  driver.happen(app::TreeRead{.files = memory});
  CHECK(screens::needs_attention(driver.model()));
  driver.press("d E");
  CHECK(driver.line(23) == " it is not about a line of a file");
  expect_screen(driver, "problems-unreadable");
}
