// SPDX-License-Identifier: GPL-2.0-or-later
// vuurmuur_conf itself in a terminal: that it begins, shows, and gives the terminal back. What its screens do is tested
// in process.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/catch.h"
#include "tui/support/pty_program.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using test::PtyProgram;
namespace fs = std::filesystem;

namespace {

/// A tree of its own, and nobody to ask.
class Conf {
 public:
  Conf() {
    std::string name = (fs::temp_directory_path() / "vuurmuur_tui.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
    fs::copy(fs::path(VM_TEST_DIR) / "trees" / "full", directory / "tree", fs::copy_options::recursive);
  }
  ~Conf() { fs::remove_all(directory); }
  Conf(const Conf&) = delete;
  Conf& operator=(const Conf&) = delete;

  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {VM_CONF, "--offline", "--state-dir", (directory / "state").string()};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back((directory / "tree").string());
    return words;
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory / name) << text; }

  fs::path directory;
};

/// Something of the program stands in the upper line.
bool is_drawn(const test::VirtualTerminal& terminal) {
  return terminal.is_alternate_screen() && !terminal.row(0).empty();
}

}  // namespace

TEST_CASE("it begins in every terminal, and gives it back") {
  const Conf conf;
  const struct {
    const char *type, *locale;
    ui::Size size;
  } cases[] = {
      {"xterm-256color", "C.UTF-8", {24, 80}}, {"xterm", "C", {15, 60}}, {"linux", "C.UTF-8", {25, 80}},
      {"tmux-256color", "C.UTF-8", {70, 250}}, {"vt100", "C", {24, 80}}, {"screen", "C.UTF-8", {5, 20}},
      {"xterm-256color", "C.UTF-8", {1, 1}},
  };
  for (const auto& [type, locale, size] : cases) {
    INFO(type << ' ' << size.rows << 'x' << size.columns);
    PtyProgram program(conf.command(), {.size = size, .environment = {{"TERM", type}, {"LC_ALL", locale}}});
    if (std::string_view(type) == "vt100" || std::string_view(type) == "linux")
      program.wait_until([](const test::VirtualTerminal& terminal) { return !terminal.row(0).empty(); }, "a screen");
    else
      program.wait_until(is_drawn, "a screen");
    program.wait_for_silence();
    program.press("Ctrl-l");
    program.kill(SIGTERM);
    CHECK(WIFEXITED(program.wait_for_end()));
    CHECK((program.settings().c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
    CHECK_FALSE(program.terminal().is_alternate_screen());
  }
}

TEST_CASE("it fills every size that it is given") {
  const Conf conf;
  PtyProgram program(conf.command());
  program.wait_until(is_drawn, "a screen");
  for (const ui::Size size :
       {ui::Size{50, 200}, ui::Size{24, 80}, ui::Size{3, 10}, ui::Size{1, 1}, ui::Size{15, 60}, ui::Size{60, 132}}) {
    program.resize(size);
    program.wait_until([](const test::VirtualTerminal& terminal) { return !terminal.row(0).empty(); }, "a screen");
    program.wait_for_silence();
  }
  // To its last row, which has the keys.
  program.press("Ctrl-l");
  program.wait_for_silence();
  CHECK_FALSE(program.terminal().row(59).empty());
  program.kill(SIGTERM);
  program.wait_for_end();
  CHECK(program.is_given_back());
}

TEST_CASE("a terminal that goes away ends it") {
  const Conf conf;
  PtyProgram program(conf.command());
  program.wait_until(is_drawn, "a screen");
  program.hang_up();
  CHECK(WIFEXITED(program.wait_for_end()));
}

TEST_CASE("it says why it cannot begin") {
  const Conf conf;
  const auto said = [&conf](const std::vector<std::string>& more, const std::string& type) {
    PtyProgram program(conf.command(more), {.size = {.rows = 24, .columns = 200}, .environment = {{"TERM", type}}});
    CHECK(WEXITSTATUS(program.wait_for_end()) == 3);
    CHECK(program.is_given_back());
    return program.screen().substr(0, program.screen().find("\n\n") + 1);
  };
  CHECK(said({}, "dumb") == "vuurmuur_conf: error: the terminal type 'dumb' (TERM) cannot place the cursor\n");
  conf.write("bad", "acept = 1\n");
  const std::string theme = fs::relative(conf.directory / "bad").string();
  CHECK(said({"--theme", theme}, "xterm") == theme +
                                                 ":1:1: error: no role is named 'acept'; did you mean 'accept'?\n"
                                                 "  acept = 1\n"
                                                 "  ^~~~~\n"
                                                 "1 error\n");
}

TEST_CASE("it has the colours of a theme file") {
  const Conf conf;
  conf.write("good", "title = 1, 2, bold\nselected = 3, 4\n");
  PtyProgram program(conf.command({"--theme", (conf.directory / "good").string()}));
  program.wait_until(is_drawn, "a screen");
  program.wait_for_silence();
  const test::TerminalCell title = program.terminal().cell(0, 1);
  CHECK(title.foreground == 1);
  CHECK(title.background == 2);
}

TEST_CASE("Ctrl-Z gives the shell its terminal, fg takes it again") {
  const Conf conf;
  PtyProgram shell({"bash", "--norc", "--noprofile", "-i"},
                   {.environment = {{"PS1", "shell$ "}, {"HISTFILE", ""}, {"INPUTRC", "/dev/null"}}});
  shell.wait_for("shell$ ");
  std::string command;
  for (const std::string& word : conf.command()) command += word + ' ';
  shell.send("clear; " + command + "\r");
  shell.wait_until(is_drawn, "a screen");
  shell.wait_for_silence();
  const std::string before = shell.screen();
  shell.press("Ctrl-z");
  shell.wait_for("Stopped");
  CHECK_FALSE(shell.terminal().is_alternate_screen());
  shell.send("clear; fg\r");
  shell.wait_until([&](const test::VirtualTerminal& terminal) { return terminal.text() == before; }, before);
}
