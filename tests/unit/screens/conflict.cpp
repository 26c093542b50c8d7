// SPDX-License-Identifier: GPL-2.0-or-later
#include "driver.h"
#include "support/catch.h"

using namespace vuurmuur;
using screens_test::Driver;
using screens_test::expect_screen;
using screens_test::Files;
using screens_test::office;

namespace {

std::shared_ptr<const base::MemoryFileSystem> on_disk(const Files& files) {
  auto memory = std::make_shared<base::MemoryFileSystem>();
  for (const auto& [path, text] : files) memory->files["/etc/vuurmuur/" + path] = text;
  return memory;
}

/// The text with the first `what` in it replaced.
std::string with(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

app::Saved conflicts_in(const std::string& path) {
  edit::Outcome outcome;
  outcome.conflicts.push_back({.path = path, .theirs = {}});
  return {std::make_shared<const base::Result<edit::Outcome>>(std::move(outcome))};
}

/// Rule 2 is off in the draft, rule 3 has a mark on the disk that overlaps with it, rule 8 is on there, and a service
/// is new: saving finds the conflict.
Driver in_conflict(bool overlaps = true) {
  Files theirs = office();
  std::string& rules = theirs["rules/rules.conf"];
  if (overlaps) rules = with(rules, "service dns from firewall", "service any from firewall");
  rules = with(rules, ";drop service any from dmz", "drop service any from dmz");
  theirs["services/smtp"] = "ACTIVE=\"Yes\"\nTCP=\"25*1024:65535\"\n";
  Driver driver;
  driver.press("r j Space Ctrl-s");
  static_cast<void>(driver.take_effects());
  driver.happen(conflicts_in("rules/rules.conf"));
  CHECK_NOTHROW(driver.take<app::ReadTree>());
  return std::move(driver.happen(app::TreeRead{.files = on_disk(theirs)}));
}

}  // namespace

TEST_CASE("a conflict shows both sides, at 80x24, 60x15 and 200x50") {
  Driver driver = in_conflict();
  expect_screen(driver, "merge-80x24", true);
  expect_screen(driver.resize({.rows = 15, .columns = 60}), "merge-60x15");
  expect_screen(driver.resize({.rows = 50, .columns = 200}), "merge-200x50");
}

TEST_CASE("nothing is merged before every place is decided") {
  Driver driver = in_conflict();
  driver.press("Enter");
  CHECK(driver.line(23) == " 1 place is to be decided first: m mine, t theirs");
  driver.press("m");
  CHECK(driver.shows("both changed it, yours is taken"));
  driver.press("t");
  CHECK(driver.shows("both changed it, theirs is taken"));
  driver.press("Enter");
  CHECK(driver.line(23) == " nothing of the draft is left: the files say all of it");
  CHECK(driver.model().workspace.change_count() == 0);
  CHECK(driver.model().newer == nullptr);
  CHECK(driver.rules().find("service any from firewall") != std::string::npos);
  CHECK(driver.model().workspace.policy().services.size() == 4);
}

TEST_CASE("mine is kept over theirs by a question, and is a draft on what they wrote") {
  Driver driver = in_conflict();
  driver.press("M");
  CHECK(driver.shows("Keep yours in 1 place, over what somebody else wrote there?"));
  driver.press("y Enter");
  CHECK(driver.line(23) == " the draft is on top of what somebody else wrote; nothing is saved yet");
  CHECK(driver.model().workspace.change_count() == 1);
  CHECK(driver.rules().find(";accept service ssh") != std::string::npos);
  CHECK(driver.rules().find("service dns from firewall") != std::string::npos);
  CHECK(driver.rules().find("\ndrop service any from dmz") != std::string::npos);
  const auto save = driver.press("Ctrl-s").take<app::Save>();
  REQUIRE(save.changes.files.size() == 1);
  CHECK(save.changes.files[0].before->find("service any from firewall") != std::string::npos);
  CHECK(save.what == "rule 2 is off");
}

TEST_CASE("changes that do not touch are put together without a question") {
  Driver driver = in_conflict(/*overlaps=*/false);
  CHECK(driver.shows("✓ everything fits together"));
  CHECK(driver.press("m").line(23) == " there is nothing to decide in this line: n goes on to one");
  driver.press("Enter");
  CHECK(driver.rules().find(";accept service ssh") != std::string::npos);
  CHECK(driver.rules().find("\ndrop service any from dmz") != std::string::npos);
  driver.press("u");
  CHECK(driver.rules().find(";accept service ssh") == std::string::npos);
  CHECK(driver.rules().find("\ndrop service any from dmz") != std::string::npos);
}

TEST_CASE("a file that is gone is a place to decide") {
  Files theirs = office();
  theirs.erase("rules/rules.conf");
  Driver driver;
  driver.press("r j Space Esc F5").happen(app::TreeRead{.files = on_disk(theirs)});
  CHECK(driver.shows("the file is gone"));
  driver.press("T Enter");
  CHECK(driver.model().workspace.now().rules.empty());
}

TEST_CASE("leaving the merge keeps the draft as it was, and the title says that files changed") {
  Driver driver = in_conflict();
  driver.press("Esc");
  CHECK(driver.line(0).find("files changed") != std::string::npos);
  CHECK(driver.model().workspace.change_count() == 1);
  CHECK(driver.rules().find("service dns from firewall") != std::string::npos);
}

TEST_CASE("files that change while there is no draft are what is edited, and with a draft it is kept") {
  Files theirs = office();
  theirs["services/smtp"] = "ACTIVE=\"Yes\"\nTCP=\"25*1024:65535\"\n";
  Driver driver;
  driver.happen(app::TreeRead{.files = on_disk(theirs)});
  CHECK(driver.model().workspace.policy().services.size() == 4);
  driver.press("r j Space").happen(app::TreeRead{.files = on_disk(office())});
  CHECK(driver.model().workspace.policy().services.size() == 4);
  CHECK(driver.model().changed_underneath == std::vector<std::string>{"services/smtp"});
  driver.happen(app::TreeRead{.files = on_disk(theirs)});
  CHECK(driver.model().changed_underneath.empty());
}
