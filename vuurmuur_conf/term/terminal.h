// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"
#include "term/charset.h"
#include "term/look.h"
#include "ui/geometry.h"

namespace vuurmuur::term {

/// The terminal, taken for the whole screen as long as this lives, and given back on every way out: by the destructor,
/// by exit(), by std::terminate, and by the signals that kill (rescue.h). One at a time.
///
/// Taken means: the alternate screen, where the terminal has one; raw mode, so that every key is a key: Ctrl-C, Ctrl-Z,
/// Ctrl-S and Ctrl-\ do nothing by themselves (Session::suspend() is for Ctrl-Z); no echo, Enter is a carriage return;
/// application keypad; bracketed paste; the mouse when it is asked for.
///
/// Curses' own handlers of SIGINT, SIGTERM, SIGTSTP and SIGWINCH are taken out again: they are not what may be done in
/// a handler, and its way with SIGWINCH loses resizes.
class Terminal {
 public:
  struct Options {
    std::FILE* input = stdin;
    std::FILE* output = stdout;
    std::string type;  ///< empty: $TERM
    bool has_mouse = true;
    bool has_colours = true;  ///< false, or a $NO_COLOR that is not empty (no-color.org): attributes only
    bool needs_tty = true;    ///< false: also what is no terminal, for tests
  };

  /// setlocale(LC_ALL, "") comes first. Fails when the streams are no terminal, and when $TERM is unknown or is a type
  /// that cannot place the cursor ("dumb").
  [[nodiscard]] static base::Result<std::unique_ptr<Terminal>> open(const Options& options);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// As the kernel has it (TIOCGWINSZ); where it does not know, as curses does ($LINES, $COLUMNS, terminfo).
  [[nodiscard]] ui::Size size() const;
  /// Tells curses the present size and gives it. The next frame draws everything. It puts one KEY_RESIZE into what
  /// get_wch gives, which Input leaves out.
  ui::Size resize();

  [[nodiscard]] Colours colours() const { return colours_; }
  [[nodiscard]] const Charset& charset() const { return charset_; }
  [[nodiscard]] int input_fd() const { return ::fileno(options_.input); }

  /// The next frame draws everything: something else has written on the screen.
  void redraw_all();

  void set_mouse(bool has_mouse);
  [[nodiscard]] bool has_mouse() const { return options_.has_mouse; }

  /// Gives the terminal to somebody else and takes it back, with a full redraw. Suspend is the way to do both.
  void give_back();
  void take();

  /// The curses window from which keys are read: a pad, so that reading them draws nothing. For Input.
  [[nodiscard]] void* key_window() const { return keys_; }

 private:
  explicit Terminal(const Options& options) : options_(options) {}
  void set_modes();
  void send(const char* text) const;

  Options options_;
  Charset charset_;
  Colours colours_ = Colours::None;
  void* screen_ = nullptr;  ///< SCREEN
  void* keys_ = nullptr;    ///< WINDOW
  bool is_ansi_ = false;    ///< control sequences are those of ECMA-48
  bool is_given_ = false;
};

/// The terminal is somebody else's (an editor, the shell) as long as this lives.
class Suspend {
 public:
  explicit Suspend(Terminal& terminal) : terminal_(terminal) { terminal_.give_back(); }
  ~Suspend() { terminal_.take(); }
  Suspend(const Suspend&) = delete;
  Suspend& operator=(const Suspend&) = delete;

 private:
  Terminal& terminal_;
};

}  // namespace vuurmuur::term
