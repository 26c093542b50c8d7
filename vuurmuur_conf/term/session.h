// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "base/result.h"
#include "term/input.h"
#include "term/painter.h"
#include "term/terminal.h"
#include "ui/canvas.h"
#include "ui/input.h"

namespace vuurmuur::term {

/// The terminal in a poll loop: what is typed comes as calls, what is to be seen is asked for when it is time for it.
///
/// It takes the loop's signals (PollLoop::take_signals, which works once): SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP,
/// SIGCONT and SIGCHLD. They are blocked for the process; run() gives its child an empty mask.
class Session {
 public:
  /// Between two frames, as long as nobody presses a key.
  static constexpr std::chrono::milliseconds kFramePause{30};

  struct Callbacks {
    /// Each key, click and paste; ui::Resize when the size has changed (of many changes the last one).
    std::function<void(const ui::Input&)> on_input;
    /// What is to be seen now, in a frame of this size. Not called while the terminal is somebody else's.
    std::function<ui::Frame(ui::Size)> view;
    /// The program should end: SIGTERM, SIGINT or SIGHUP came, or the terminal is gone (SIGHUP as well, or once its
    /// descriptor says so). Called once.
    std::function<void(int signal)> on_end;
  };

  /// Takes the terminal. The loop and what the callbacks use outlive it.
  [[nodiscard]] static base::Result<std::unique_ptr<Session>> open(base::PollLoop& loop,
                                                                   const Terminal::Options& options, const Theme& theme,
                                                                   Callbacks callbacks);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] ui::Size size() const { return size_; }

  /// Something has changed that may be seen: view() is called soon; kFramePause after the frame before, however often
  /// this is called. After what is typed this happens by itself, and at once.
  void changed();

  /// Draws everything anew (Ctrl-L): something else has written on the screen.
  void redraw_all();

  /// For Ctrl-Z: gives the terminal to the shell and stops the process group (SIGTSTP), until the shell lets it go on.
  /// Does nothing but flicker where there is no shell to do that (POSIX: an orphaned process group is not stopped).
  void suspend();

  /// Runs a program (found in $PATH) in the foreground, on the terminal as it was; the loop goes on meanwhile.
  /// `on_exit` gets its wait status (waitpid(2)) once the terminal is ours again. Fails when the program cannot be
  /// started, and when one runs already.
  [[nodiscard]] base::Result<void> run(const std::vector<std::string>& command,
                                       std::function<void(int status)> on_exit);

  void set_theme(const Theme& theme);
  void set_mouse(bool has_mouse) { terminal_->set_mouse(has_mouse); }
  [[nodiscard]] const Terminal& terminal() const { return *terminal_; }

 private:
  struct Running {
    int pid;
    std::function<void(int status)> on_exit;
  };

  Session(base::PollLoop& loop, std::unique_ptr<Terminal> terminal, const Theme& theme, Callbacks callbacks);
  void listen();
  void on_ready(short events);
  void take_input();
  void on_signal(int signal);
  void on_resize();
  void on_child();
  void end(int signal);
  void draw();
  void stop_until_continued();

  base::PollLoop* loop_;
  std::unique_ptr<Terminal> terminal_;
  Painter painter_;
  Input input_;
  Callbacks callbacks_;
  ui::Size size_;
  std::optional<Running> running_;
  std::optional<base::PollLoop::TimerId> frame_timer_, input_timer_;
  std::int64_t last_frame_ = 0;  ///< moment of base::boottime()
  bool has_ended_ = false;
};

}  // namespace vuurmuur::term
