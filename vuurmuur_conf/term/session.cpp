// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vuurmuur::term {

base::Result<std::unique_ptr<Session>> Session::open(base::PollLoop& loop, const Terminal::Options& options,
                                                     const Theme& theme, Callbacks callbacks) {
  std::unique_ptr<Terminal> terminal = VM_TRY(Terminal::open(options));
  std::unique_ptr<Session> session(new Session(loop, std::move(terminal), theme, std::move(callbacks)));
  VM_TRY_VOID(loop.take_signals({SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGCHLD},
                                [raw = session.get()](int signal) { raw->on_signal(signal); }));
  // What came before the signals were taken.
  session->size_ = session->terminal_->resize();
  session->listen();
  session->changed();
  return session;
}

Session::Session(base::PollLoop& loop, std::unique_ptr<Terminal> terminal, const Theme& theme, Callbacks callbacks)
    : loop_(&loop),
      terminal_(std::move(terminal)),
      painter_(*terminal_, theme),
      input_(*terminal_),
      callbacks_(std::move(callbacks)) {}

Session::~Session() {
  loop_->forget(terminal_->input_fd());
  for (const auto& timer : {frame_timer_, input_timer_})
    if (timer) loop_->cancel(*timer);
}

void Session::listen() {
  loop_->watch(terminal_->input_fd(), POLLIN, [this](short events) { on_ready(events); });
}

void Session::on_ready(short events) {
  if ((events & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
    // It would be ready for ever.
    loop_->forget(terminal_->input_fd());
    end(SIGHUP);
    return;
  }
  take_input();
}

void Session::take_input() {
  if (running_ || has_ended_) return;
  const std::vector<ui::Input> inputs = input_.take();
  if (input_timer_) loop_->cancel(*input_timer_);
  input_timer_.reset();
  const auto take_after = [this](std::chrono::milliseconds pause) {
    input_timer_ = loop_->call_after(pause, [this] {
      input_timer_.reset();
      take_input();
    });
  };
  if (input_.has_more())
    take_after(std::chrono::milliseconds(0));
  else if (input_.is_pasting())
    take_after(Decoder::kPastePause + std::chrono::milliseconds(100));
  for (const ui::Input& each : inputs) {
    callbacks_.on_input(each);
    if (has_ended_) return;
  }
  if (!inputs.empty()) draw();
}

void Session::on_signal(int signal) {
  switch (signal) {
    case SIGWINCH: return on_resize();
    case SIGCHLD: return on_child();
    case SIGTSTP:
      // Somebody else stops us, or the program that runs stops its process group, which is ours.
      return running_ ? stop_until_continued() : suspend();
    case SIGCONT:
      // After SIGSTOP, which nobody sees coming: the shell has used the terminal.
      if (!running_) {
        terminal_->give_back();
        terminal_->take();
        on_resize();
        draw();
      }
      return;
    case SIGINT:
      // Ctrl-C in the program that runs is that program's.
      if (!running_) end(signal);
      return;
    default: return end(signal);
  }
}

void Session::on_resize() {
  const ui::Size now = terminal_->resize();
  if (now == size_) return;
  size_ = now;
  callbacks_.on_input(ui::Resize{now});
  if (!has_ended_) draw();
}

void Session::end(int signal) {
  if (has_ended_) return;
  has_ended_ = true;
  callbacks_.on_end(signal);
}

void Session::changed() {
  if (frame_timer_ || has_ended_) return;
  const std::int64_t pause = std::chrono::nanoseconds(kFramePause).count();
  frame_timer_ = loop_->call_at(std::max(last_frame_ + pause, base::boottime()), [this] { draw(); });
}

void Session::draw() {
  if (frame_timer_) loop_->cancel(*frame_timer_);
  frame_timer_.reset();
  if (running_ || has_ended_) return;
  painter_.paint(callbacks_.view(size_));
  last_frame_ = base::boottime();
}

void Session::redraw_all() {
  if (running_) return;
  terminal_->redraw_all();
  draw();
}

void Session::set_theme(const Theme& theme) {
  painter_.set_theme(theme);
  changed();
}

void Session::stop_until_continued() {
  // SIGTSTP and not SIGSTOP: the kernel leaves a process group without a shell alone. It goes to the whole group as if
  // the terminal had sent it, because the shell waits for the first process of it (sudo, a script).
  const struct sigaction by_default = [] {
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    return action;
  }();
  struct sigaction before {};
  ::sigaction(SIGTSTP, &by_default, &before);
  sigset_t stop, mask;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGTSTP);
  // The program that runs has been stopped already, by whoever stops us.
  ::kill(running_ ? ::getpid() : 0, SIGTSTP);
  // Here it stops.
  ::sigprocmask(SIG_UNBLOCK, &stop, &mask);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::sigaction(SIGTSTP, &before, nullptr);
}

void Session::suspend() {
  if (running_ || has_ended_) return;
  {
    const Suspend suspended(*terminal_);
    stop_until_continued();
    // The SIGCONT that ended it is not another one.
    sigset_t go_on;
    ::sigemptyset(&go_on);
    ::sigaddset(&go_on, SIGCONT);
    const timespec at_once{};
    while (::sigtimedwait(&go_on, nullptr, &at_once) > 0) {
    }
  }
  on_resize();
  draw();
}

base::Result<void> Session::run(const std::vector<std::string>& command, std::function<void(int)> on_exit) {
  if (running_) return base::failure("another program has the terminal");
  if (command.empty()) return base::failure("no program is named");
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  terminal_->give_back();
  loop_->forget(terminal_->input_fd());
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, command.front().c_str(), nullptr, &attributes, arguments.data(), ::environ);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    terminal_->take();
    listen();
    changed();
    return base::system_error(fmt::format("run '{}'", command.front()), error);
  }
  running_ = Running{.pid = pid, .on_exit = std::move(on_exit)};
  return {};
}

void Session::on_child() {
  if (!running_) return;
  int status = 0;
  if (::waitpid(running_->pid, &status, WNOHANG) != running_->pid) return;
  const Running ended = std::move(*running_);
  running_.reset();
  terminal_->take();
  listen();
  on_resize();
  ended.on_exit(status);
  if (!has_ended_) draw();
}

}  // namespace vuurmuur::term
