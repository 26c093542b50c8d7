// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>
#include <termios.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "tui/support/virtual_terminal.h"

namespace vuurmuur::test {

/// A program that runs in a terminal of its own, of which it is the session's leader. It is killed, if it still runs,
/// and reaped when this dies. Nothing moves between two calls but the program: what it writes is read while a call
/// waits.
///
/// Everything that waits has a deadline, and throws std::runtime_error with the screen in its text when that is over: a
/// test that is no more than the story it tells fails with what the user would have seen.
class PtyProgram {
 public:
  static constexpr std::chrono::seconds kDeadline{20};

  struct Options {
    ui::Size size = {.rows = 24, .columns = 80};
    /// Beside what this process has, TERM=xterm-256color, LC_ALL=C.UTF-8 and none of NO_COLOR, ESCDELAY, LINES,
    /// COLUMNS.
    std::map<std::string, std::string> environment = {};
    std::string directory = {};  ///< empty: this process'
    /// Called in the child before the program is (to enter a namespace, say). False ends it with code 126.
    std::function<bool()> prepare = {};
  };

  /// The program is found in $PATH.
  explicit PtyProgram(const std::vector<std::string>& command) : PtyProgram(command, Options()) {}
  PtyProgram(const std::vector<std::string>& command, const Options& options);
  ~PtyProgram();
  PtyProgram(const PtyProgram&) = delete;
  PtyProgram& operator=(const PtyProgram&) = delete;

  /// See VirtualTerminal.
  void press(std::string_view keys);
  void paste(std::string_view text);
  void click(ui::Place place);
  void wheel(ui::Place place, bool is_up);
  /// Bytes as they are, as many as one likes: what the program writes is read meanwhile.
  void send(std::string_view bytes);

  /// Until the text stands in one row of the screen (or does not any more), or the condition holds.
  void wait_for(std::string_view text, std::chrono::milliseconds deadline = kDeadline);
  void wait_until_gone(std::string_view text, std::chrono::milliseconds deadline = kDeadline);
  void wait_until(const std::function<bool(const VirtualTerminal&)>& condition, std::string_view what,
                  std::chrono::milliseconds deadline = kDeadline);
  /// Until nothing has been written for so long.
  void wait_for_silence(std::chrono::milliseconds silence = std::chrono::milliseconds(100));

  [[nodiscard]] const VirtualTerminal& terminal() const { return terminal_; }
  /// The screen as text, as it was when the last call that waits ended.
  [[nodiscard]] std::string screen() const { return terminal_.text(); }
  /// Row and column at which a text begins, in columns.
  [[nodiscard]] std::optional<ui::Place> find(std::string_view text) const;

  void resize(ui::Size size);
  /// The tty's settings, also when the program is dead.
  [[nodiscard]] termios settings() const;
  /// Sets those that the program found, as a shell would.
  void restore_settings() const;
  /// Whether they are those that the program found, and the alternate screen is left and the cursor shown.
  [[nodiscard]] bool is_given_back() const;

  void kill(int signal) const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The terminal goes away (a window that is closed, a line that is cut).
  void hang_up();
  /// The wait status (waitpid(2)) once the program has ended.
  int wait_for_end(std::chrono::milliseconds deadline = kDeadline);

 private:
  /// Reads what there is, waiting at most so long for it. False when there was nothing.
  bool pump(std::chrono::milliseconds at_most);
  void send_output();
  [[noreturn]] void give_up(std::string_view what, std::chrono::milliseconds deadline) const;

  VirtualTerminal terminal_;
  base::UniqueFd master_;
  pid_t pid_ = -1;
  std::optional<int> status_;
  termios before_{};
};

}  // namespace vuurmuur::test
