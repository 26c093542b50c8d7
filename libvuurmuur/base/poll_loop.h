// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace vuurmuur::base {

/// Waits for descriptors, signals and moments, and calls who asked for them, one after the other in one thread.
class PollLoop {
 public:
  /// POLLIN, POLLOUT… of poll(2), as they happened.
  using OnReady = std::function<void(short events)>;
  using OnTime = std::function<void()>;
  using OnSignal = std::function<void(int signal)>;

  enum class TimerId : std::uint64_t {};

  PollLoop() = default;
  PollLoop(const PollLoop&) = delete;
  PollLoop& operator=(const PollLoop&) = delete;

  /// Calls `ready` whenever one of `events` (or an error or hang-up) is on a descriptor, which stays the caller's. Adding
  /// one again replaces what was asked for.
  void watch(int fd, short events, OnReady ready);
  /// Before the descriptor is closed. Also from within its own callback.
  void forget(int fd);

  /// Calls `time` once, not before `after` has passed on CLOCK_BOOTTIME, which nobody can set and which goes on while the
  /// machine sleeps.
  TimerId call_after(std::chrono::nanoseconds after, OnTime time);
  /// The same at a moment of CLOCK_BOOTTIME, in nanoseconds.
  TimerId call_at(std::int64_t boottime, OnTime time);
  void cancel(TimerId timer);

  /// Blocks these signals for the process and tells of them here (signalfd(2)). Once.
  [[nodiscard]] Result<void> take_signals(const std::vector<int>& signals, OnSignal on_signal);

  /// Until stop(). Fails when the kernel does.
  [[nodiscard]] Result<void> run();
  void stop() { is_stopped_ = true; }

  /// One round: waits at most so long, and calls whatever is due.
  [[nodiscard]] Result<void> run_once(std::chrono::milliseconds at_most);

 private:
  struct Watched {
    short events;
    std::shared_ptr<OnReady> ready;
  };
  struct Timer {
    TimerId id;
    OnTime time;
  };

  void call_due_timers();
  [[nodiscard]] int wait_milliseconds(std::chrono::milliseconds at_most) const;

  std::map<int, Watched> watched_;
  std::multimap<std::int64_t, Timer> timers_;  ///< by moment
  std::uint64_t last_timer_ = 0;
  UniqueFd signals_;
  bool is_stopped_ = false;
};

/// CLOCK_BOOTTIME in nanoseconds (clock_gettime(2)).
[[nodiscard]] std::int64_t boottime();

}  // namespace vuurmuur::base
