// SPDX-License-Identifier: GPL-2.0-or-later
// The command line: help, version, mistakes, colour.
#include "helpers/program.h"
#include "helpers/tree.h"
#include "support/catch.h"

using vuurmuur::test::Outcome;
using vuurmuur::test::SmallTree;
using vuurmuur::test::vuurmuur_on_terminal;

namespace {

const char* const kCommands[] = {"check",   "explain",     "assert",   "compile", "apply",   "confirm",  "rollback",
                                 "status",  "history",     "show",     "diff",    "list",    "counters", "volume",
                                 "metrics", "connections", "kill",     "clear",   "restore", "guard",    "receive",
                                 "daemon",  "doctor",      "services", "help"};

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("help names every command") {
  const Outcome outcome = vuurmuur::test::vuurmuur({"help"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  for (const char* command : kCommands) CHECK(holds(outcome.out, std::string("\n  ") + command + " "));
  CHECK(vuurmuur::test::vuurmuur({"--help"}).out == outcome.out);
  CHECK(vuurmuur::test::vuurmuur({"-h"}).out == outcome.out);
}

TEST_CASE("every command explains itself and its options") {
  for (const char* command : kCommands) {
    CAPTURE(command);
    const Outcome outcome = vuurmuur::test::vuurmuur({command, "--help"});
    CHECK(outcome.status == 0);
    CHECK(holds(outcome.out, std::string("usage: vuurmuur ") + command + " [OPTIONS]"));
    CHECK(holds(outcome.out, "--colour=WHEN"));
    CHECK(vuurmuur::test::vuurmuur({"help", command}).out == outcome.out);
  }
}

TEST_CASE("the version is one line") {
  const Outcome outcome = vuurmuur::test::vuurmuur({"--version"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("vuurmuur "));
  CHECK(outcome.out.find('\n') == outcome.out.size() - 1);
}

TEST_CASE("without a command the help goes to the error output, with status 1") {
  const Outcome outcome = vuurmuur::test::vuurmuur(std::vector<std::string>{});
  CHECK(outcome.status == 1);
  CHECK(outcome.out.empty());
  CHECK(holds(outcome.err, "usage: vuurmuur COMMAND"));
}

TEST_CASE("a mistake on the command line gets a message with the near miss and status 1") {
  struct Row {
    std::vector<std::string> arguments;
    std::string message;
  };
  const Row rows[] = {
      {{"chekc"}, "vuurmuur: error: unknown command 'chekc'; did you mean 'check'?\ntry 'vuurmuur --help'\n"},
      {{"xyzzy"}, "vuurmuur: error: unknown command 'xyzzy'\ntry 'vuurmuur --help'\n"},
      {{"--versoin"},
       "vuurmuur: error: unknown option '--versoin'; did you mean '--version'?\ntry 'vuurmuur --help'\n"},
      {{"check", "--jsno"},
       "vuurmuur: error: unknown option '--jsno'; did you mean '--json'?\ntry 'vuurmuur check --help'\n"},
      {{"help", "aply"},
       "vuurmuur: error: unknown command 'aply'; did you mean 'apply'?\ntry 'vuurmuur help --help'\n"},
      {{"check", "a", "b"}, "vuurmuur: error: unexpected argument 'b'\ntry 'vuurmuur check --help'\n"},
      {{"check", "--json=1"}, "vuurmuur: error: option '--json': no value is expected\ntry 'vuurmuur check --help'\n"},
      {{"check", "--json", "--json"}, "vuurmuur: error: option '--json' is given twice\ntry 'vuurmuur check --help'\n"},
      {{"check", "--colour=red"},
       "vuurmuur: error: option '--colour': 'red' is none of auto, always, never\ntry 'vuurmuur check --help'\n"},
      {{"compile", "--format"},
       "vuurmuur: error: option '--format': a value is missing\ntry 'vuurmuur compile --help'\n"},
      {{"compile", "--format=iptables-sav"},
       "vuurmuur: error: no format is named 'iptables-sav'; did you mean 'iptables-save'?\n"
       "try 'vuurmuur compile --help'\n"},
      {{"compile", "--form=script"},
       "vuurmuur: error: unknown option '--form'; did you mean '--format'?\ntry 'vuurmuur compile --help'\n"},
      {{"compile", "--family=5"},
       "vuurmuur: error: option '--family': '5' is neither 4 nor 6\ntry 'vuurmuur compile --help'\n"},
      {{"compile", "--disable-pass=nosuchpass"},
       "vuurmuur: error: no pass is named 'nosuchpass'\ntry 'vuurmuur compile --help'\n"},
      {{"compile", "--dump-ir=before:x"},
       "vuurmuur: error: option '--dump-ir': expected after:NAME, found 'before:x'\ntry 'vuurmuur compile --help'\n"},
      {{"list", "--table=filtre"},
       "vuurmuur: error: no table is named 'filtre'; did you mean 'filter'?\ntry 'vuurmuur list --help'\n"},
      {{"apply", "--wait=1.5"},
       "vuurmuur: error: option '--wait': expected a whole number of seconds, or no value to wait for ever, not '1.5'\n"
       "try 'vuurmuur apply --help'\n"},
      {{"clear", "--wait=-1"},
       "vuurmuur: error: option '--wait': expected a whole number of seconds, or no value to wait for ever, not '-1'\n"
       "try 'vuurmuur clear --help'\n"},
  };
  for (const Row& row : rows) {
    const Outcome outcome = vuurmuur::test::vuurmuur(row.arguments);
    CAPTURE(row.arguments);
    CHECK(outcome.status == 1);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == row.message);
  }
}

TEST_CASE("colour is for terminals, unless the user says otherwise") {
  const SmallTree tree;
  tree.rules("accept service htpp from world.inet to firewall");
  const std::string directory = tree.path().string();
  const std::string escape = "\033[";

  CHECK_FALSE(holds(vuurmuur::test::vuurmuur({"check", directory}).err, escape));
  CHECK(holds(vuurmuur::test::vuurmuur({"check", "--colour=always", directory}).err, escape));

  CHECK(holds(vuurmuur_on_terminal({.arguments = {"check", directory}}).out, escape));
  CHECK_FALSE(holds(vuurmuur_on_terminal({.arguments = {"check", "--colour=never", directory}}).out, escape));
  CHECK_FALSE(
      holds(vuurmuur_on_terminal({.arguments = {"check", directory}, .environment = {{"NO_COLOR", "1"}}}).out, escape));
  CHECK(
      holds(vuurmuur_on_terminal({.arguments = {"check", directory}, .environment = {{"NO_COLOR", ""}}}).out, escape));
  CHECK_FALSE(
      holds(vuurmuur_on_terminal({.arguments = {"check", directory}, .environment = {{"TERM", "dumb"}}}).out, escape));
}

TEST_CASE("clear without a terminal and without --yes asks for a person and changes nothing") {
  const Outcome outcome = vuurmuur::test::vuurmuur({"clear"});
  CHECK(outcome.status == 5);
  CHECK(outcome.out.empty());
  CHECK(outcome.err ==
        "vuurmuur: error: this opens the firewall and there is nobody to ask; --yes clears it all the same\n");
}

TEST_CASE("clear asks on a terminal and takes anything but yes as no") {
  for (const char* answer : {"n\n", "\n", "x\n"}) {
    const Outcome outcome = vuurmuur_on_terminal({.arguments = {"clear"}, .input = answer});
    CHECK(outcome.status == 5);
    CHECK(holds(outcome.out, "This opens the firewall"));
    CHECK(holds(outcome.out, "nothing was changed"));
  }
}
