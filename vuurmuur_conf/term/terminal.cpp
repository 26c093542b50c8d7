// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/terminal.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/assert.h"
#include "term/curses.h"
#include "term/rescue.h"
// Behind curses.h; its macros (lines, columns, tab …) are why it comes last.
#include <term.h>
#undef lines
#undef columns

namespace vuurmuur::term {
namespace {

constexpr const char kPasteOn[] = "\033[?2004h", kPasteOff[] = "\033[?2004l";

/// Milliseconds after which an Esc is a key of its own. A slow line may need more: $ESCDELAY.
constexpr int kEscapeMilliseconds = 25;

/// A string capability without its padding ("$<5>"), or nothing.
std::string capability(const char* name) {
  const char* found = ::tigetstr(name);
  if (found == nullptr || found == reinterpret_cast<const char*>(-1)) return {};
  std::string text = found;
  for (std::size_t at = 0; (at = text.find("$<", at)) != std::string::npos;) {
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) break;
    text.erase(at, end + 1 - at);
  }
  return text;
}

/// What gives the terminal back when curses cannot be asked any more.
std::string restore_text(bool is_ansi) {
  std::string text;
  if (is_ansi) text += kPasteOff;
  // What curses may have switched on for the mouse: X10's encoding, SGR's, and the tracking itself.
  if (is_ansi && !capability("kmous").empty()) text += "\033[?1006l\033[?1000l";
  text += capability("rmkx") + capability("sgr0") + capability("op") + capability("cnorm");
  const std::string leave = capability("rmcup");
  return text + (leave.empty() ? "\r\n" : leave);
}

/// Why a type of terminal will not do, or nothing.
std::optional<std::string> problem_of(const std::string& type, int output) {
  if (type.empty()) return "TERM is not set: the type of the terminal is not known";
  int found = 0;
  if (::setupterm(type.c_str(), output, &found) != OK) {
    if (found < 0) return "there is no database of terminal types (package ncurses-base)";
    // A generic one and a printing one are found and refused.
    return fmt::format("the terminal type '{}' (TERM) is not known, or cannot show a screen", type);
  }
  const bool can_place = !capability("cup").empty();
  ::del_curterm(::set_curterm(nullptr));
  if (!can_place) return fmt::format("the terminal type '{}' (TERM) cannot place the cursor", type);
  return std::nullopt;
}

/// The handlers that newterm() installs, put back as they were.
class KeptHandlers {
 public:
  KeptHandlers() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], nullptr, &before_[i]);
    // Curses would ignore SIGTSTP during each update, and so lose it, unless it is ignored when curses comes to it
    // first.
    ::signal(SIGTSTP, SIG_IGN);
  }
  ~KeptHandlers() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  }
  KeptHandlers(const KeptHandlers&) = delete;
  KeptHandlers& operator=(const KeptHandlers&) = delete;

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
  std::array<struct sigaction, kSignals.size()> before_{};
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

base::Result<std::unique_ptr<Terminal>> Terminal::open(const Options& options) {
  const int input = ::fileno(options.input), output = ::fileno(options.output);
  if (options.needs_tty) {
    if (::isatty(input) == 0) return base::failure("standard input is no terminal");
    if (::isatty(output) == 0) return base::failure("standard output is no terminal");
  }
  std::string type = options.type;
  if (const char* named = std::getenv("TERM"); type.empty() && named != nullptr) type = named;
  if (const auto problem = problem_of(type, output)) return base::failure(*problem);

  std::unique_ptr<Terminal> terminal(new Terminal(options));
  std::string restore;
  {
    // The settings must be those before curses; its strings are there only after newterm().
    int found = 0;
    if (::setupterm(type.c_str(), output, &found) != OK) return base::failure("the terminal type went away");
    terminal->is_ansi_ = capability("cup").starts_with("\033[");
    restore = restore_text(terminal->is_ansi_);
    ::del_curterm(::set_curterm(nullptr));
  }
  arm_rescue(input, output, restore);
  {
    const KeptHandlers handlers;
    terminal->screen_ = ::newterm(type.c_str(), options.output, options.input);
  }
  if (terminal->screen_ == nullptr) {
    release_rescue();
    disarm_rescue();
    return base::failure(fmt::format("curses cannot use a terminal of type '{}'", type));
  }
  terminal->set_modes();
  return terminal;
}

void Terminal::set_modes() {
  ::raw();
  ::noecho();
  ::nonl();
  if (!is_set("ESCDELAY")) ::set_escdelay(kEscapeMilliseconds);
  // A frame is drawn to its end, whatever is typed meanwhile.
  ::typeahead(-1);
  keys_ = ::newpad(1, 1);
  VM_ASSERT(keys_ != nullptr);
  auto* keys = static_cast<WINDOW*>(keys_);
  ::keypad(keys, true);
  ::nodelay(keys, true);
  if (options_.has_colours && !is_set("NO_COLOR") && ::has_colors()) {
    ::start_color();
    // Terminals whose colours are RGB values (xterm-direct) have no palette behind the first eight.
    if (COLORS >= 8) colours_ = COLORS == 256 ? Colours::Many : Colours::Eight;
  }
  ::mouseinterval(0);
  set_mouse(options_.has_mouse);
  // The alternate screen is there from the first refresh on.
  ::wnoutrefresh(::stdscr);
  ::doupdate();
  if (is_ansi_) send(kPasteOn);
}

Terminal::~Terminal() {
  if (screen_ == nullptr) return;
  if (!is_given_) give_back();
  ::delwin(static_cast<WINDOW*>(keys_));
  ::delscreen(static_cast<SCREEN*>(screen_));
  disarm_rescue();
}

ui::Size Terminal::size() const {
  winsize known{};
  if (::ioctl(::fileno(options_.output), TIOCGWINSZ, &known) == 0 && known.ws_row > 0 && known.ws_col > 0)
    return {.rows = known.ws_row, .columns = known.ws_col};
  return {.rows = LINES, .columns = COLS};
}

ui::Size Terminal::resize() {
  const ui::Size now = size();
  if (!is_given_ && (now.rows != LINES || now.columns != COLS)) {
    ::resizeterm(now.rows, now.columns);
    redraw_all();
  }
  return now;
}

void Terminal::redraw_all() { ::clearok(::curscr, true); }

void Terminal::set_mouse(bool has_mouse) {
  options_.has_mouse = has_mouse;
  // Presses only: a terminal that reports releases as well is not listened to.
  const mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;
  ::mousemask(has_mouse ? wanted : 0, nullptr);
}

void Terminal::send(const char* text) const {
  // Between updates curses holds nothing back, so the order is kept.
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t written = ::write(::fileno(options_.output), left.data(), left.size());
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Terminal::give_back() {
  VM_ASSERT(!is_given_);
  is_given_ = true;
  if (is_ansi_) send(kPasteOff);
  ::curs_set(1);
  ::endwin();
  release_rescue();
}

void Terminal::take() {
  VM_ASSERT(is_given_);
  is_given_ = false;
  take_rescue();
  ::reset_prog_mode();
  resize();
  redraw_all();
  // This resumes the alternate screen and the mouse.
  ::doupdate();
  ::keypad(static_cast<WINDOW*>(keys_), true);
  if (is_ansi_) send(kPasteOn);
}

}  // namespace vuurmuur::term
