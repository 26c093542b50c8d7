// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/rescue.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <utility>

#include "base/assert.h"

namespace vuurmuur::term {
namespace {

/// What kills a process by default (signal(7)) and can be caught, but for those that a program like this one takes by
/// signalfd; SIGTERM, SIGHUP and SIGINT are here for the moments before and after that.
constexpr std::array kDeadly = {SIGSEGV, SIGBUS,  SIGILL,    SIGFPE,  SIGABRT, SIGTRAP, SIGSYS,
                                SIGQUIT, SIGTERM, SIGHUP,    SIGINT,  SIGPIPE, SIGALRM, SIGUSR1,
                                SIGUSR2, SIGXCPU, SIGVTALRM, SIGPROF, SIGXFSZ};

/// What the handlers need, made ready: they can ask for nothing. There is one terminal at a time.
struct State {
  std::atomic<bool> is_taken = false;
  bool is_armed = false;
  int input = -1, output = -1;
  termios settings{};
  bool has_settings = false;
  std::array<char, 1024> restore{};
  std::size_t restore_size = 0;
  int kept = -1;            ///< a file in memory that stands for descriptor 2
  int standard_error = -1;  ///< the real one meanwhile
  std::array<struct sigaction, kDeadly.size()> before{};
  std::array<bool, kDeadly.size()> is_ours{};
  std::terminate_handler terminate_before = nullptr;
};
State state;

/// A stack for the handler: the fault may be that the other one is full.
alignas(16) std::array<char, 64 * 1024> handler_stack;

/// As much as the descriptor takes within a second: a terminal that nobody reads must not keep a dead program.
void write_out(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    if (::poll(&waiting, 1, 1000) <= 0 || (waiting.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return;
    const ssize_t written = ::write(fd, data, size);
    if (written < 0) {
      if (errno == EINTR) continue;
      return;
    }
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void give_standard_error_back() {
  if (state.standard_error < 0) return;
  ::dup2(state.standard_error, STDERR_FILENO);
  ::close(state.standard_error);
  state.standard_error = -1;
  std::array<char, 4096> buffer;
  ::lseek(state.kept, 0, SEEK_SET);
  for (;;) {
    const ssize_t bytes = ::read(state.kept, buffer.data(), buffer.size());
    if (bytes <= 0) break;
    write_out(STDERR_FILENO, buffer.data(), static_cast<std::size_t>(bytes));
  }
  ::close(state.kept);
  state.kept = -1;
}

void keep_standard_error() {
  if (::isatty(STDERR_FILENO) == 0) return;
  state.kept = ::memfd_create("stderr", MFD_CLOEXEC);
  if (state.kept < 0) return;
  state.standard_error = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (state.standard_error < 0 || ::dup2(state.kept, STDERR_FILENO) < 0) {
    ::close(state.kept);
    if (state.standard_error >= 0) ::close(state.standard_error);
    state.kept = state.standard_error = -1;
  }
}

/// Without curses, from wherever.
void give_back() {
  if (!state.is_taken.exchange(false)) return;
  write_out(state.output, state.restore.data(), state.restore_size);
  if (state.has_settings) ::tcsetattr(state.input, TCSANOW, &state.settings);
  give_standard_error_back();
}

void on_deadly_signal(int signal, siginfo_t* info, void*) {
  const int error = errno;
  give_back();
  for (std::size_t i = 0; i < kDeadly.size(); ++i)
    if (kDeadly[i] == signal) ::sigaction(signal, &state.before[i], nullptr);
  // A fault comes again by itself, with the address that a sanitizer wants to know. Whatever else was sent is sent
  // again; it waits until this returns.
  const bool is_fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE;
  if (!is_fault || info->si_code <= 0) ::raise(signal);
  errno = error;
}

[[noreturn]] void on_terminate() {
  give_back();
  if (state.terminate_before != nullptr) state.terminate_before();
  std::abort();
}

void on_exit() { give_back(); }

void take_signals() {
  stack_t stack{};
  if (::sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE) != 0) {
    stack = {.ss_sp = handler_stack.data(), .ss_flags = 0, .ss_size = handler_stack.size()};
    ::sigaltstack(&stack, nullptr);
  }
  for (std::size_t i = 0; i < kDeadly.size(); ++i) {
    // Who ignores a signal or has a use for it keeps that, but for faults: a sanitizer has a handler for those.
    ::sigaction(kDeadly[i], nullptr, &state.before[i]);
    const bool is_fault = kDeadly[i] == SIGSEGV || kDeadly[i] == SIGBUS || kDeadly[i] == SIGILL ||
                          kDeadly[i] == SIGFPE || kDeadly[i] == SIGABRT;
    const bool is_default = (state.before[i].sa_flags & SA_SIGINFO) == 0 && state.before[i].sa_handler == SIG_DFL;
    state.is_ours[i] = is_fault || is_default;
    if (!state.is_ours[i]) continue;
    struct sigaction action {};
    action.sa_sigaction = on_deadly_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigfillset(&action.sa_mask);
    ::sigaction(kDeadly[i], &action, nullptr);
  }
}

}  // namespace

void arm_rescue(int input, int output, const std::string& restore) {
  VM_ASSERT(!state.is_armed);
  VM_ASSERT(restore.size() <= state.restore.size());
  state.is_armed = true;
  state.input = input;
  state.output = output;
  state.has_settings = ::tcgetattr(input, &state.settings) == 0;
  state.restore_size = restore.copy(state.restore.data(), restore.size());
  static const bool is_registered = std::atexit(on_exit) == 0;
  (void)is_registered;
  state.terminate_before = std::set_terminate(on_terminate);
  take_signals();
  take_rescue();
}

void take_rescue() {
  keep_standard_error();
  state.is_taken = true;
}

void release_rescue() {
  state.is_taken = false;
  give_standard_error_back();
}

void disarm_rescue() {
  VM_ASSERT(state.is_armed);
  for (std::size_t i = 0; i < kDeadly.size(); ++i)
    if (state.is_ours[i]) ::sigaction(kDeadly[i], &state.before[i], nullptr);
  std::set_terminate(state.terminate_before);
  state.is_armed = false;
}

}  // namespace vuurmuur::term
