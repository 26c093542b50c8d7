// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_conf in a terminal, without a daemon: how it begins and ends, and what it makes of what is wrong.
#include <signal.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "helpers/tree.h"
#include "support/catch.h"
#include "tui/support/pty_program.h"

using namespace vuurmuur;
using namespace vuurmuur::test;
using namespace std::chrono_literals;

namespace {

PtyProgram start(const SmallTree& tree, PtyProgram::Options options = {}) {
  const std::string state = (tree.path() / "state").string();
  return PtyProgram({VM_CONF, "--offline", "--state-dir=" + state, tree.path().string()}, options);
}

std::string rules_of(const SmallTree& tree) {
  std::ifstream file(tree.path() / "rules/rules.conf");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a draft is saved without a daemon, and noted in the log of edits") {
  const SmallTree tree;
  auto screen = start(tree);
  screen.wait_for("Main");
  screen.press("r Space");
  screen.wait_for("draft: 1 change");
  CHECK(rules_of(tree).find("\";accept") == std::string::npos);
  screen.press("Ctrl-s");
  screen.wait_until_gone("draft:");
  CHECK(rules_of(tree).find("\";accept") != std::string::npos);
  CHECK(std::filesystem::exists(tree.path() / "state/audit.log"));
  screen.press("Q");
  CHECK(WEXITSTATUS(screen.wait_for_end()) == 0);
  CHECK(screen.is_given_back());
}

TEST_CASE("of many rules it is said a moment later which others leave nothing") {
  const SmallTree tree;
  std::string rules;
  for (int i = 0; i < 6'000; ++i) rules += "accept service http from world.inet to firewall\n";
  tree.rules(rules);
  auto screen = start(tree);
  screen.wait_for("Main");
  screen.press("r j");
  screen.wait_for("rule 2 makes no difference: rule 1 takes all that it would take", 60s);
  screen.press("Space");
  screen.wait_for("draft: 1 change");
  screen.press("u G");
  screen.wait_for("rule 6000 makes no difference", 60s);
  screen.press("Q");
  CHECK(WEXITSTATUS(screen.wait_for_end()) == 0);
}

TEST_CASE("the terminal is given back whatever ends the program") {
  for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT}) {
    const SmallTree tree;
    auto screen = start(tree);
    screen.wait_for("Main");
    screen.kill(signal);
    screen.wait_for_end();
    INFO(signal);
    CHECK(screen.is_given_back());
  }
}

TEST_CASE("sizes that change while it draws are all followed") {
  const SmallTree tree;
  auto screen = start(tree);
  screen.wait_for("Main");
  screen.press("r");
  for (int i = 0; i < 200; ++i) {
    screen.resize({.rows = 15 + i % 30, .columns = 60 + i % 90});
    if (i % 10 == 0) screen.press("j");
  }
  screen.resize({.rows = 1, .columns = 1});
  screen.resize({.rows = 24, .columns = 80});
  screen.wait_for("Service");
  screen.press("Esc");
  screen.wait_for("Main");
}

TEST_CASE("a pasted megabyte goes into one field") {
  const SmallTree tree;
  auto screen = start(tree);
  screen.wait_for("Main");
  screen.press("r e");
  screen.wait_for("Comment");
  screen.press("Down Ctrl-u");
  screen.paste(std::string(1 << 20, 'd'));
  screen.wait_for("ddddd", 60s);
  screen.press("Esc");
  screen.wait_for("Leave without keeping");
}

TEST_CASE("terminals that cannot show it are told so before anything is done to them") {
  const SmallTree tree;
  auto screen = start(tree, {.environment = {{"TERM", "dumb"}}});
  screen.wait_for("error:");
  CHECK(WEXITSTATUS(screen.wait_for_end()) == 3);
  CHECK(screen.is_given_back());
}

TEST_CASE("without UTF-8 it is ASCII") {
  const SmallTree tree;
  auto screen = start(tree, {.environment = {{"LC_ALL", "C"}}});
  screen.wait_for("Main");
  screen.press("r");
  screen.wait_for("Service");
  for (const char c : screen.screen()) CHECK(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("a tree that cannot be read opens on what is wrong with it") {
  const SmallTree tree;
  tree.write("rules/rules.conf", "RULE=\"acept service http from world.inet to firewall\"\n");
  auto screen = start(tree);
  screen.wait_for("acept");
  screen.wait_for("did you mean 'accept'?");
}

TEST_CASE("what the command line has wrong is told") {
  PtyProgram screen({VM_CONF, "--them=dark"});
  screen.wait_for("did you mean '--theme'?");
  CHECK(WEXITSTATUS(screen.wait_for_end()) == 1);
  PtyProgram nowhere({VM_CONF, "/nowhere"});
  nowhere.wait_for("there is no configuration tree '/nowhere'");
  CHECK(WEXITSTATUS(nowhere.wait_for_end()) == 2);
}

TEST_CASE("the screen speaks other languages, and its keys do what they do in English") {
  const struct {
    const char *locale, *main, *is_off;
  } cases[] = {{"nl_NL", "Hoofdmenu", "concept: 1 wijziging"}, {"de_DE", "Übersicht", "Entwurf: 1 "}};
  // This machine may have none but C.UTF-8, in which newer C libraries translate nothing.
  const TemporaryDirectory locales;
  for (const auto& [locale, main, is_off] : cases) {
    const std::string name = std::string(locale) + ".UTF-8", path = (locales.path() / name).string();
    REQUIRE(std::system(("localedef -i " + std::string(locale) + " -f UTF-8 '" + path + "'").c_str()) == 0);
    const SmallTree tree;
    auto screen = start(
        tree, {.environment = {
                   {"LOCPATH", locales.path().string()}, {"LC_ALL", name}, {"VUURMUUR_LOCALE_DIR", VM_LOCALE_DIR}}});
    screen.wait_for(main);
    screen.press("r Space");
    screen.wait_for(is_off);
    screen.press("u Q");
    CHECK(WEXITSTATUS(screen.wait_for_end()) == 0);
  }
}

TEST_CASE("the demo shows everything, applies nothing and writes nothing") {
  const std::string sample = std::string(VM_CONFIG_SOURCES) + "/samples/gateway";
  PtyProgram screen({VM_CONF, "--demo", sample}, {.size = {.rows = 24, .columns = 100}});
  screen.wait_for("generation 12");
  screen.press("r j Space");
  screen.wait_for("rule 2 is off");
  screen.press("F11");
  screen.wait_for("only save");
  screen.press("F11");
  screen.wait_for("waits to be confirmed");
  screen.press("y");
  screen.wait_for("is confirmed");
  screen.press("Esc Esc a");
  screen.wait_for("generation 13");
  screen.press("Q");
  CHECK(WEXITSTATUS(screen.wait_for_end()) == 0);
  std::ifstream rules(sample + "/rules/rules.conf");
  CHECK(std::string(std::istreambuf_iterator<char>(rules), {}).find("\"drop service telnet") != std::string::npos);
}
