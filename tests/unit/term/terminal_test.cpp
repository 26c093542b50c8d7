// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/terminal.h"

#include <signal.h>

#include <map>

#include "pty_pair.h"

using namespace vuurmuur;
using test::PtyPair;
using test::WithLocale;
using test::WithVariable;

namespace {

term::Terminal::Options options_for(const PtyPair& pty, const char* type) {
  return {.input = pty.input, .output = pty.output, .type = type};
}

std::string refusal(const PtyPair& pty, const char* type) {
  const auto terminal = term::Terminal::open(options_for(pty, type));
  REQUIRE(!terminal);
  return terminal.error().message;
}

bool is_sane(const termios& settings) {
  return (settings.c_lflag & ICANON) != 0 && (settings.c_lflag & ECHO) != 0 && (settings.c_lflag & ISIG) != 0 &&
         (settings.c_iflag & ICRNL) != 0 && (settings.c_oflag & ONLCR) != 0;
}

}  // namespace

TEST_CASE("a terminal that will not do is refused with the reason") {
  const PtyPair pty;
  CHECK(refusal(pty, "dumb") == "the terminal type 'dumb' (TERM) cannot place the cursor");
  CHECK(refusal(pty, "nosuch") == "the terminal type 'nosuch' (TERM) is not known, or cannot show a screen");
  CHECK(refusal(pty, "unknown") == "the terminal type 'unknown' (TERM) is not known, or cannot show a screen");
  {
    const WithVariable none("TERM", nullptr);
    CHECK(refusal(pty, "") == "TERM is not set: the type of the terminal is not known");
  }
  std::FILE* null = std::fopen("/dev/null", "r+");
  const auto terminal = term::Terminal::open({.input = null, .output = pty.output, .type = "xterm"});
  REQUIRE(!terminal);
  CHECK(terminal.error().message == "standard input is no terminal");
  const auto other = term::Terminal::open({.input = pty.input, .output = null, .type = "xterm"});
  REQUIRE(!other);
  CHECK(other.error().message == "standard output is no terminal");
  std::fclose(null);
  CHECK(is_sane(pty.settings()));
  CHECK(pty.written().empty());
}

TEST_CASE("a terminal is given back as it was") {
  const WithLocale utf8("C.UTF-8");
  const PtyPair pty;
  const termios before = pty.settings();
  for (const char* type :
       {"xterm", "xterm-256color", "linux", "tmux-256color", "screen", "vt100", "rxvt-basic", "vt220"}) {
    INFO(type);
    std::string taken, given;
    {
      const auto terminal = term::Terminal::open(options_for(pty, type));
      REQUIRE(terminal);
      taken = pty.written();
      CHECK((pty.settings().c_lflag & (ICANON | ECHO | ISIG)) == 0);
    }
    given = pty.written();
    const termios after = pty.settings();
    CHECK(after.c_lflag == before.c_lflag);
    CHECK(after.c_iflag == before.c_iflag);
    CHECK(after.c_oflag == before.c_oflag);
    CHECK(taken.find("\033[?2004h") != std::string::npos);
    CHECK(given.find("\033[?2004l") != std::string::npos);
    if (std::string_view(type).starts_with("xterm")) {
      CHECK(taken.find("\033[?1049h") != std::string::npos);
      CHECK(given.find("\033[?1049l") != std::string::npos);
      CHECK(taken.find("1000h") != std::string::npos);
      CHECK(given.find("1000l") != std::string::npos);
    }
  }
}

TEST_CASE("the mouse is left alone when it is not wanted") {
  const PtyPair pty;
  auto options = options_for(pty, "xterm-256color");
  options.has_mouse = false;
  const auto terminal = term::Terminal::open(options);
  REQUIRE(terminal);
  CHECK(pty.written().find("1000h") == std::string::npos);
  (*terminal)->set_mouse(true);
  CHECK(pty.written().find("1000h") != std::string::npos);
  (*terminal)->set_mouse(false);
  CHECK(pty.written().find("1000l") != std::string::npos);
}

TEST_CASE("no handler of curses stays, nor one of ours") {
  const auto handler_of = [](int signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return reinterpret_cast<void*>(action.sa_sigaction);
  };
  const PtyPair pty;
  constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH, SIGSEGV, SIGABRT, SIGUSR1};
  // Catch has one for this.
  struct sigaction by_default {
  }, of_catch{};
  by_default.sa_handler = SIG_DFL;
  ::sigaction(SIGTERM, &by_default, &of_catch);
  std::map<int, void*> before;
  for (const int signal : kSignals) before[signal] = handler_of(signal);
  {
    const auto terminal = term::Terminal::open(options_for(pty, "xterm"));
    REQUIRE(terminal);
    for (const int signal : {SIGTSTP, SIGWINCH}) CHECK(handler_of(signal) == before[signal]);
    for (const int signal : {SIGTERM, SIGSEGV, SIGABRT, SIGUSR1}) CHECK(handler_of(signal) != before[signal]);
  }
  for (const int signal : kSignals) CHECK(handler_of(signal) == before[signal]);
  ::sigaction(SIGTERM, &of_catch, nullptr);
}

TEST_CASE("colours are those of the terminal, and none when they are not wanted") {
  const PtyPair pty;
  const auto colours = [&pty](const char* type, bool has_colours = true) {
    auto options = options_for(pty, type);
    options.has_colours = has_colours;
    const auto terminal = term::Terminal::open(options);
    REQUIRE(terminal);
    return (*terminal)->colours();
  };
  CHECK(colours("xterm-256color") == term::Colours::Many);
  CHECK(colours("tmux-256color") == term::Colours::Many);
  CHECK(colours("xterm") == term::Colours::Eight);
  CHECK(colours("linux") == term::Colours::Eight);
  CHECK(colours("vt100") == term::Colours::None);
  CHECK(colours("xterm-256color", false) == term::Colours::None);
  {
    const WithVariable none("NO_COLOR", "1");
    CHECK(colours("xterm-256color") == term::Colours::None);
  }
  const WithVariable empty("NO_COLOR", "");
  CHECK(colours("xterm-256color") == term::Colours::Many);
}

TEST_CASE("the size is the kernel's, also after it has changed") {
  const PtyPair pty({.rows = 31, .columns = 97});
  const auto terminal = term::Terminal::open(options_for(pty, "xterm"));
  REQUIRE(terminal);
  CHECK((*terminal)->size() == ui::Size{.rows = 31, .columns = 97});
  pty.resize({.rows = 1, .columns = 1});
  CHECK((*terminal)->resize() == ui::Size{.rows = 1, .columns = 1});
  pty.resize({.rows = 250, .columns = 500});
  CHECK((*terminal)->resize() == ui::Size{.rows = 250, .columns = 500});
  // One that nobody knows.
  pty.resize({.rows = 0, .columns = 0});
  CHECK((*terminal)->resize() == ui::Size{.rows = 250, .columns = 500});
}

TEST_CASE("a terminal that is lent comes back with everything") {
  const PtyPair pty;
  const auto terminal = term::Terminal::open(options_for(pty, "xterm-256color"));
  REQUIRE(terminal);
  (void)pty.written();
  {
    const term::Suspend suspend(**terminal);
    CHECK(is_sane(pty.settings()));
    const std::string given = pty.written();
    for (const char* part : {"\033[?1049l", "\033[?2004l", "1000l", "\033[?1l"})
      CHECK(given.find(part) != std::string::npos);
  }
  CHECK((pty.settings().c_lflag & (ICANON | ECHO | ISIG)) == 0);
  const std::string taken = pty.written();
  for (const char* part : {"\033[?1049h", "\033[?2004h", "1000h", "\033[?1h"}) {
    INFO(part);
    CHECK(taken.find(part) != std::string::npos);
  }
}
