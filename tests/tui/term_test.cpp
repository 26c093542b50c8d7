// SPDX-License-Identifier: GPL-2.0-or-later
// The layer term in a terminal: a program of it (the probe) is drawn, resized, stopped, killed.
#include <signal.h>
#include <sys/wait.h>

#include <random>

#include "probe_view.h"
#include "support/catch.h"
#include "term/theme.h"
#include "tui/support/pty_program.h"

using namespace vuurmuur;
using namespace std::chrono_literals;
using test::PtyProgram;

namespace {

/// The screen as it should be.
std::string drawn(ui::Size size, const test::ProbeState& state) { return test::draw_probe(size, state).to_text(); }

/// Starts the probe and waits for its first frame.
struct Probe : PtyProgram {
  explicit Probe(const Options& options = {}) : PtyProgram({VM_PROBE}, options) { wait_for("last nothing."); }
};

void check_end(int status, int signal) {
  INFO("wait status " << status);
#if defined(__SANITIZE_ADDRESS__)
  // A sanitizer reports and exits.
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 1));
  (void)signal;
#else
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == signal);
#endif
}

}  // namespace

TEST_CASE("what is drawn is what the terminal shows") {
  for (const ui::Size size : {ui::Size{24, 80}, ui::Size{15, 60}, ui::Size{60, 220}, ui::Size{3, 10}, ui::Size{1, 1}}) {
    PtyProgram probe({VM_PROBE}, {.size = size});
    const std::string expected = drawn(size, {});
    probe.wait_until(
        [&](const test::VirtualTerminal& terminal) {
          return terminal.is_alternate_screen() && terminal.text() == expected;
        },
        expected);
  }
}

TEST_CASE("the cells have the colours and attributes of the theme, and the cursor is where it should be") {
  const ui::Size size{.rows = 24, .columns = 80};
  const struct {
    const char* type;
    const char* no_color;
    term::Colours colours;
  } cases[] = {{"xterm-256color", "", term::Colours::Many},
               {"xterm", "", term::Colours::Eight},
               {"xterm", "1", term::Colours::None}};
  for (const auto& [type, no_color, colours] : cases) {
    Probe probe({.size = size, .environment = {{"TERM", type}, {"NO_COLOR", no_color}}});
    probe.wait_for_silence();
    CHECK(probe.screen() == drawn(size, {}));
    CHECK(probe.terminal().cursor() == ui::Place{.row = 2, .column = 6});
    CHECK(probe.terminal().is_cursor_shown());
    const ui::Frame frame = test::draw_probe(size, {});
    for (int column = 0; column < size.columns; ++column) {
      const test::TerminalCell cell = probe.terminal().cell(5, column);
      const term::Look look = term::Theme::standard().look(frame.at(5, column).style, colours);
      INFO(type << ' ' << cell.text);
      CHECK(cell.is_bold == ((look.attributes & term::kBold) != 0));
      CHECK(cell.is_underlined == ((look.attributes & term::kUnderline) != 0));
      CHECK(cell.is_reversed == ((look.attributes & term::kReverse) != 0));
      CHECK(cell.foreground == look.foreground);
      CHECK(cell.background == look.background);
    }
  }
}

TEST_CASE("in the C locale lines are ASCII") {
  Probe probe({.environment = {{"LC_ALL", "C"}}});
  probe.wait_for_silence();
  const std::string top = probe.terminal().row(0);
  CHECK(top.starts_with("+- probe -"));
  CHECK(top.ends_with("-+"));
  CHECK(probe.find("z?ne ? ? ?").has_value());
}

TEST_CASE("keys, clicks and pastes arrive") {
  Probe probe;
  for (const char* key :
       {"j",      "G",      "ö",      "Enter", "Tab",     "Shift-Tab", "Backspace", "Esc",  "Up",  "Down",
        "Left",   "Right",  "Ins",    "Del",   "Home",    "End",       "PgUp",      "PgDn", "F1",  "F2",
        "F3",     "F4",     "F5",     "F6",    "F7",      "F8",        "F9",        "F10",  "F11", "F12",
        "Ctrl-a", "Ctrl-c", "Ctrl-s", "Alt-x", "Ctrl-Up", "Shift-F5",  "Space"}) {
    probe.press(key);
    probe.wait_for("last " + std::string(key) + ".");
  }
  probe.click({.row = 7, .column = 70});
  probe.wait_for("last press 7,70.");
  probe.click({.row = 7, .column = 70});
  probe.wait_for("last double 7,70.");
  probe.wheel({.row = 1, .column = 2}, /*is_up=*/false);
  probe.wait_for("last down 1,2.");
  probe.paste("two\rlines");
  probe.wait_for("last paste of 9.");
  // A rule, or whatever has 'q' and 'x' in it, many times: nothing of it is a key.
  std::string megabyte;
  while (megabyte.size() < (std::size_t{1} << 20)) megabyte += "RULE=\"qtasox\"\r\033[A";
  probe.paste(megabyte);
  probe.wait_for("last paste of " + std::to_string(megabyte.size()) + ".");
  probe.press("q");
  CHECK(probe.wait_for_end() == 0);
  CHECK(probe.is_given_back());
}

TEST_CASE("of 200 resizes while it draws none is lost") {
  Probe probe;
  probe.press("n");
  probe.wait_until_gone("ticks 0.");
  std::mt19937 engine(5);
  ui::Size size;
  for (int count = 0; count < 200; ++count) {
    size = {.rows = 8 + static_cast<int>(engine() % 60), .columns = 45 + static_cast<int>(engine() % 200)};
    probe.resize(size);
    probe.wait_for("size " + std::to_string(size.rows) + "x" + std::to_string(size.columns) + ".", 5s);
  }
  // Many at once: the last one counts.
  for (int count = 0; count < 200; ++count) {
    size = {.rows = 8 + static_cast<int>(engine() % 60), .columns = 45 + static_cast<int>(engine() % 200)};
    probe.resize(size);
  }
  probe.wait_for("size " + std::to_string(size.rows) + "x" + std::to_string(size.columns) + ".", 5s);
  probe.press("N");
  probe.wait_for("last N.");
  probe.wait_for_silence();
  // Nothing of another size is left over.
  const std::string screen = probe.screen();
  test::ProbeState state{.last = "N"};
  const auto number_behind = [&screen](std::string_view word) {
    return std::stoi(screen.substr(screen.find(word) + word.size()));
  };
  state.inputs = number_behind("inputs ");
  state.ticks = number_behind("ticks ");
  CHECK(screen == drawn(size, state));
  probe.press("q");
  CHECK(probe.wait_for_end() == 0);
}

TEST_CASE("frames are as many as can be seen, however much happens, and a key is answered meanwhile") {
  Probe probe;
  probe.press("n");
  // The best of some seconds: the machine may have other things to do.
  int most = 0;
  for (int round = 0; round < 5 && most <= 60; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    int count = 0;
    while (std::chrono::steady_clock::now() - begin < 1s) {
      const std::string key(1, static_cast<char>('g' + count++ % 2));
      probe.press(key);
      probe.wait_for("last " + key + ".");
    }
    most = std::max(most, count);
  }
  // Each is answered by a frame of its own, not by the next of those that come every 30 ms.
  CHECK(most > 60);
  const auto ticks = [&probe] {
    const std::string screen = probe.screen();
    return std::stoi(screen.substr(screen.find("ticks ") + 6));
  };
  // Nobody presses a key: of a thousand events a second some thirty frames are made.
  const int before = ticks();
  int frames = 0;
  std::string shown;
  const auto end = std::chrono::steady_clock::now() + 1s;
  while (std::chrono::steady_clock::now() < end) {
    probe.wait_until([&](const test::VirtualTerminal& terminal) { return terminal.row(3) != shown; }, "the next frame");
    shown = probe.terminal().row(3);
    ++frames;
  }
  CHECK(frames <= 50);
  CHECK(ticks() - before > frames);
}

TEST_CASE("the terminal is given back however the program ends") {
  SECTION("by itself") {
    Probe probe;
    probe.press("q");
    CHECK(probe.wait_for_end() == 0);
    CHECK(probe.is_given_back());
  }
  SECTION("by exit()") {
    Probe probe;
    probe.press("x");
    CHECK(WEXITSTATUS(probe.wait_for_end()) == 3);
    CHECK(probe.is_given_back());
  }
  SECTION("by SIGTERM, SIGINT and SIGHUP") {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      Probe probe;
      probe.kill(signal);
      CHECK(WEXITSTATUS(probe.wait_for_end()) == 128 + signal);
      CHECK(probe.is_given_back());
      CHECK(probe.find("ended by signal " + std::to_string(signal)));
    }
  }
  SECTION("by an exception that nobody catches, which is shown") {
    Probe probe;
    probe.press("t");
    check_end(probe.wait_for_end(), SIGABRT);
    CHECK(probe.is_given_back());
    CHECK(probe.find("thrown by the probe"));
  }
  SECTION("by an assertion, which is shown") {
    Probe probe;
    probe.press("v");
    check_end(probe.wait_for_end(), SIGABRT);
    CHECK(probe.is_given_back());
    CHECK(probe.find("internal error: assertion"));
  }
  SECTION("by abort()") {
    Probe probe;
    probe.press("a");
    check_end(probe.wait_for_end(), SIGABRT);
    CHECK(probe.is_given_back());
  }
  SECTION("by a fault") {
    Probe probe;
    probe.press("s");
    check_end(probe.wait_for_end(), SIGSEGV);
    CHECK(probe.is_given_back());
  }
  SECTION("by a stack that is full") {
    Probe probe;
    probe.press("o");
    check_end(probe.wait_for_end(), SIGSEGV);
    CHECK(probe.is_given_back());
  }
  SECTION("by signals of others") {
    for (const int signal : {SIGSEGV, SIGABRT, SIGQUIT, SIGPIPE, SIGUSR1, SIGALRM}) {
      Probe probe;
      probe.kill(signal);
      check_end(probe.wait_for_end(), signal);
      CHECK(probe.is_given_back());
    }
  }
  SECTION("when the terminal goes away") {
    Probe probe;
    probe.press("n");
    probe.wait_until_gone("ticks 0.");
    probe.hang_up();
    CHECK(WEXITSTATUS(probe.wait_for_end()) == 128 + SIGHUP);
  }
}

TEST_CASE("a terminal that will not do is refused before anything is done to it") {
  PtyProgram dumb({VM_PROBE}, {.environment = {{"TERM", "dumb"}}});
  CHECK(WEXITSTATUS(dumb.wait_for_end()) == 2);
  CHECK(dumb.screen().starts_with("probe: the terminal type 'dumb' (TERM) cannot place the cursor\n"));
  CHECK(dumb.is_given_back());
}

TEST_CASE("what is written to standard error is shown afterwards, not on the screen") {
  Probe probe;
  probe.press("w");
  probe.wait_for("last w.");
  probe.wait_for_silence();
  CHECK_FALSE(probe.find("written to stderr"));
  CHECK(probe.screen() == drawn({.rows = 24, .columns = 80}, {.last = "w", .inputs = 1}));
  probe.press("q");
  CHECK(probe.wait_for_end() == 0);
  CHECK(probe.find("written to stderr"));
}

TEST_CASE("Ctrl-Z gives the terminal to the shell, and fg takes it again") {
  PtyProgram shell({"bash", "--norc", "--noprofile", "-i"},
                   {.environment = {{"PS1", "shell$ "}, {"HISTFILE", ""}, {"INPUTRC", "/dev/null"}}});
  shell.wait_for("shell$ ");
  shell.send(VM_PROBE "\r");
  shell.wait_for("last nothing.");
  for (int count = 0; count < 3; ++count) {
    shell.press("Ctrl-z");
    shell.wait_for("Stopped");
    CHECK_FALSE(shell.terminal().is_alternate_screen());
    shell.send("stty -a | grep -o ' icanon'; echo an''swered\r");
    shell.wait_for("answered");
    // A size that changes meanwhile.
    shell.resize({.rows = 20 + count, .columns = 70});
    shell.send("clear; fg\r");
    shell.wait_for("size " + std::to_string(20 + count) + "x70.");
    shell.wait_for("last resize.");
    shell.press("j");
    shell.wait_for("last j.");
    shell.wait_for_silence();
    CHECK(shell.screen() == drawn({.rows = 20 + count, .columns = 70}, {.last = "j", .inputs = 3 * (count + 1)}));
  }
  shell.press("q");
  shell.wait_for("shell$ ");
  shell.send("exit\r");
  CHECK(WEXITSTATUS(shell.wait_for_end()) == 0);
  CHECK(shell.is_given_back());
}

TEST_CASE("where no shell waits Ctrl-Z stops nothing") {
  Probe probe;
  probe.press("Ctrl-z");
  probe.wait_for("last Ctrl-z.");
  probe.press("j");
  probe.wait_for("last j.");
}

TEST_CASE("an editor has the terminal as it was, and its Ctrl-C") {
  Probe probe;
  probe.press("e");
  probe.wait_for("in the editor");
  probe.wait_for(" icanon");
  CHECK_FALSE(probe.terminal().is_alternate_screen());
  probe.send("done\r");
  // It kills its process group with SIGINT, itself included, as Ctrl-C would.
  probe.wait_for("last killed.");
  CHECK(probe.terminal().is_alternate_screen());
  probe.press("f");
  probe.wait_for("last run 'no-such-editor': no such file or directory.");
  probe.press("Ctrl-l");
  probe.wait_for("last Ctrl-l.");
  probe.wait_for_silence();
  CHECK(probe.screen() == drawn({.rows = 24, .columns = 80}, {.last = "Ctrl-l", .inputs = 3}));
}

TEST_CASE("an editor that is stopped stops the program with it") {
  PtyProgram shell({"bash", "--norc", "--noprofile", "-i"},
                   {.environment = {{"PS1", "shell$ "}, {"HISTFILE", ""}, {"INPUTRC", "/dev/null"}}});
  shell.wait_for("shell$ ");
  shell.send(VM_PROBE "\r");
  shell.wait_for("last nothing.");
  shell.press("e");
  shell.wait_for("in the editor");
  shell.wait_for(" icanon");
  shell.press("Ctrl-z");
  shell.wait_for("Stopped");
  shell.send("clear; echo an''swered\r");
  shell.wait_for("answered");
  shell.send("fg\r");
  shell.wait_for("vm_probe");
  shell.send("done\r");
  shell.wait_for("last killed.");
  shell.press("q");
  shell.wait_for("shell$ ");
}

TEST_CASE("after a stop that nobody could see coming everything is drawn again") {
  Probe probe;
  probe.wait_for_silence();
  probe.kill(SIGSTOP);
  int status = 0;
  REQUIRE(::waitpid(probe.pid(), &status, WUNTRACED) == probe.pid());
  REQUIRE(WIFSTOPPED(status));
  // As a shell does with the terminal of a job that it stopped.
  probe.restore_settings();
  CHECK((probe.settings().c_lflag & ICANON) != 0);
  probe.kill(SIGCONT);
  probe.wait_until([&](const test::VirtualTerminal&) { return (probe.settings().c_lflag & ICANON) == 0; }, "raw mode");
  probe.press("j");
  probe.wait_for("last j.");
  CHECK(probe.terminal().is_alternate_screen());
}

TEST_CASE("the program ends while an editor has the terminal") {
  for (const int signal : {SIGTERM, SIGHUP}) {
    Probe probe;
    probe.press("e");
    probe.wait_for(" icanon");
    probe.kill(signal);
    CHECK(WEXITSTATUS(probe.wait_for_end()) == 128 + signal);
    CHECK(probe.is_given_back());
  }
}
