// SPDX-License-Identifier: GPL-2.0-or-later
#include "tui/support/pty_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace vuurmuur::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How long one look at the program takes while something is waited for.
constexpr milliseconds kLook{20};

winsize winsize_of(ui::Size size) {
  winsize result{};
  result.ws_row = static_cast<unsigned short>(size.rows);
  result.ws_col = static_cast<unsigned short>(size.columns);
  return result;
}

/// In the child: becomes the program.
[[noreturn]] void become(const std::vector<std::string>& command, const PtyProgram::Options& options) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  // A crash is what some tests want; a core of it nobody does.
  const rlimit no_core{};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const char* name : {"NO_COLOR", "ESCDELAY", "LINES", "COLUMNS"}) ::unsetenv(name);
  ::setenv("TERM", "xterm-256color", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(126);
  if (options.prepare && !options.prepare()) ::_exit(126);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

PtyProgram::PtyProgram(const std::vector<std::string>& command, const Options& options) : terminal_(options.size) {
  int master = -1, slave = -1;
  const winsize size = winsize_of(options.size);
  if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0) throw std::runtime_error("no pseudo-terminal");
  master_.reset(master);
  const base::UniqueFd other(slave);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(master, F_SETFL, O_NONBLOCK);
  ::tcgetattr(slave, &before_);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    if (::login_tty(slave) != 0) ::_exit(126);
    become(command, options);
  }
}

PtyProgram::~PtyProgram() {
  if (status_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool PtyProgram::pump(milliseconds at_most) {
  if (!master_) return false;
  pollfd waiting{.fd = master_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(at_most.count())) <= 0) return false;
  std::array<char, 65536> buffer;
  const ssize_t size = ::read(master_.get(), buffer.data(), buffer.size());
  if (size <= 0) {
    // The program has closed its side (EIO): poll would not wait any more.
    std::ignore = ::poll(nullptr, 0, static_cast<int>(at_most.count()));
    return false;
  }
  terminal_.write({buffer.data(), static_cast<std::size_t>(size)});
  send_output();
  return true;
}

void PtyProgram::send_output() {
  if (const std::string output = terminal_.take_output(); !output.empty()) send(output);
}

void PtyProgram::send(std::string_view bytes) {
  const auto end = Clock::now() + kDeadline;
  while (!bytes.empty()) {
    const ssize_t written = ::write(master_.get(), bytes.data(), bytes.size());
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EAGAIN) throw std::runtime_error("the terminal takes no input");
    if (written < 0) pump(milliseconds(1));
    if (Clock::now() > end) give_up("the program to read its input", kDeadline);
  }
}

void PtyProgram::press(std::string_view keys) {
  terminal_.press(keys);
  send_output();
}

void PtyProgram::paste(std::string_view text) {
  terminal_.begin_paste();
  send_output();
  send(text);
  terminal_.end_paste();
  send_output();
}

void PtyProgram::click(ui::Place place) {
  terminal_.click(place);
  send_output();
}

void PtyProgram::wheel(ui::Place place, bool is_up) {
  terminal_.wheel(place, is_up);
  send_output();
}

void PtyProgram::give_up(std::string_view what, milliseconds deadline) const {
  throw std::runtime_error(
      fmt::format("waited {} ms for {}; the screen:\n{}", deadline.count(), what, terminal_.text()));
}

void PtyProgram::wait_until(const std::function<bool(const VirtualTerminal&)>& condition, std::string_view what,
                            milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!condition(terminal_)) {
    if (Clock::now() > end) give_up(what, deadline);
    pump(kLook);
  }
}

std::optional<ui::Place> PtyProgram::find(std::string_view text) const {
  const ui::Size size = terminal_.size();
  for (int row = 0; row < size.rows; ++row) {
    // With the blanks at its end: what is looked for may end with one, as a prompt does.
    std::string whole;
    for (int column = 0; column < size.columns; ++column) whole += terminal_.cell(row, column).text;
    const std::size_t at = whole.find(text);
    if (at == std::string::npos) continue;
    // Its column: that of the cell at which so many bytes are over.
    std::size_t bytes = 0;
    int column = 0;
    while (bytes < at) bytes += terminal_.cell(row, column++).text.size();
    return ui::Place{.row = row, .column = column};
  }
  return std::nullopt;
}

void PtyProgram::wait_for(std::string_view text, milliseconds deadline) {
  wait_until([&](const VirtualTerminal&) { return find(text).has_value(); }, fmt::format("'{}'", text), deadline);
}

void PtyProgram::wait_until_gone(std::string_view text, milliseconds deadline) {
  wait_until([&](const VirtualTerminal&) { return !find(text); }, fmt::format("'{}' to go", text), deadline);
}

void PtyProgram::wait_for_silence(milliseconds silence) {
  const auto end = Clock::now() + kDeadline;
  while (pump(silence))
    if (Clock::now() > end) give_up("silence", kDeadline);
}

void PtyProgram::resize(ui::Size size) {
  // What was written for the old size is shown in it.
  while (pump(milliseconds(0))) {
  }
  terminal_.resize(size);
  const winsize given = winsize_of(size);
  ::ioctl(master_.get(), TIOCSWINSZ, &given);
}

termios PtyProgram::settings() const {
  termios settings{};
  ::tcgetattr(master_.get(), &settings);
  return settings;
}

void PtyProgram::restore_settings() const { ::tcsetattr(master_.get(), TCSANOW, &before_); }

bool PtyProgram::is_given_back() const {
  const termios now = settings();
  return now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag && now.c_lflag == before_.c_lflag &&
         now.c_cflag == before_.c_cflag && std::ranges::equal(now.c_cc, before_.c_cc) &&
         !terminal_.is_alternate_screen() && terminal_.is_cursor_shown();
}

void PtyProgram::kill(int signal) const { ::kill(pid_, signal); }

void PtyProgram::hang_up() { master_.reset(); }

int PtyProgram::wait_for_end(milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!status_) {
    int status = 0;
    // What it wrote last is read as well: it may wait for that.
    while (pump(milliseconds(1))) {
    }
    if (::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    if (!status_ && Clock::now() > end) give_up("the program to end", deadline);
    if (!status_ && !master_) ::poll(nullptr, 0, static_cast<int>(kLook.count()));
  }
  while (pump(milliseconds(1))) {
  }
  return *status_;
}

}  // namespace vuurmuur::test
