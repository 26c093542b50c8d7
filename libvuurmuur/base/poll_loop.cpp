// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/poll_loop.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <limits>

namespace vuurmuur::base {
namespace {

constexpr std::int64_t kNanosecondsInMillisecond = 1'000'000;

}  // namespace

std::int64_t boottime() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void PollLoop::watch(int fd, short events, OnReady ready) {
  watched_[fd] = {.events = events, .ready = std::make_shared<OnReady>(std::move(ready))};
}

void PollLoop::forget(int fd) { watched_.erase(fd); }

PollLoop::TimerId PollLoop::call_after(std::chrono::nanoseconds after, OnTime time) {
  return call_at(boottime() + after.count(), std::move(time));
}

PollLoop::TimerId PollLoop::call_at(std::int64_t moment, OnTime time) {
  const TimerId id{++last_timer_};
  timers_.emplace(moment, Timer{.id = id, .time = std::move(time)});
  return id;
}

void PollLoop::cancel(TimerId timer) {
  std::erase_if(timers_, [timer](const auto& entry) { return entry.second.id == timer; });
}

Result<void> PollLoop::take_signals(const std::vector<int>& signals, OnSignal on_signal) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return system_error("block signals", errno);
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return system_error("make a descriptor for signals", errno);
  watch(signals_.get(), POLLIN, [this, told = std::move(on_signal)](short) {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) told(static_cast<int>(info.ssi_signo));
  });
  return {};
}

Result<void> PollLoop::run() {
  is_stopped_ = false;
  while (!is_stopped_) VM_TRY_VOID(run_once(std::chrono::milliseconds(std::numeric_limits<int>::max())));
  return {};
}

Result<void> PollLoop::run_once(std::chrono::milliseconds at_most) {
  std::vector<pollfd> waiting;
  waiting.reserve(watched_.size());
  for (const auto& [fd, watched] : watched_) waiting.push_back({.fd = fd, .events = watched.events, .revents = 0});
  const int ready = ::poll(waiting.data(), waiting.size(), wait_milliseconds(at_most));
  if (ready < 0 && errno != EINTR) return system_error("wait for something to do", errno);
  call_due_timers();
  if (ready <= 0) return {};
  for (const pollfd& each : waiting) {
    if (each.revents == 0) continue;
    // Somebody called before may have forgotten it, or put another one in its place.
    const auto found = watched_.find(each.fd);
    if (found == watched_.end()) continue;
    const std::shared_ptr<OnReady> call = found->second.ready;
    (*call)(each.revents);
  }
  return {};
}

int PollLoop::wait_milliseconds(std::chrono::milliseconds at_most) const {
  std::int64_t wait = at_most.count();
  if (!timers_.empty()) {
    // Rounded up: to wake too early would be to turn round for nothing.
    const std::int64_t left = timers_.begin()->first - boottime();
    wait = std::min(wait, std::max<std::int64_t>(0, (left + kNanosecondsInMillisecond - 1) / kNanosecondsInMillisecond));
  }
  return static_cast<int>(std::min<std::int64_t>(wait, std::numeric_limits<int>::max()));
}

void PollLoop::call_due_timers() {
  const std::int64_t now = boottime();
  // One that a callback adds for now waits for the next round, so that descriptors get their turn.
  std::vector<TimerId> due;
  for (const auto& [moment, timer] : timers_) {
    if (moment > now) break;
    due.push_back(timer.id);
  }
  for (const TimerId id : due) {
    const auto found = std::ranges::find_if(timers_, [id](const auto& entry) { return entry.second.id == id; });
    if (found == timers_.end()) continue;
    const OnTime call = std::move(found->second.time);
    timers_.erase(found);
    call();
  }
}

}  // namespace vuurmuur::base
