// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "apply/apply.h"
#include "base/poll_loop.h"
#include "base/unique_fd.h"

namespace vuurmuur::daemon {

/// What waits until another program lets go of the xtables lock, while the loop goes on with everything else: one after the
/// other, in the order in which they came.
class LockWait {
 public:
  /// Called once, with the lock, which is let go of when nobody keeps it; or with an error, ETIMEDOUT when the time is over.
  using Then = std::function<void(base::Result<apply::XtablesLock> lock)>;

  LockWait(base::PollLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
  ~LockWait();
  LockWait(const LockWait&) = delete;
  LockWait& operator=(const LockWait&) = delete;

  /// `what`, for people: "an apply". Never calls `then` from here.
  void wait(std::string what, std::chrono::seconds patience, Then then);

  [[nodiscard]] bool is_waiting() const { return !waiters_.empty(); }
  /// "an apply waits for the xtables lock, which iptables (process 4711) has"; nothing when nobody waits.
  [[nodiscard]] std::optional<std::string> text() const;

  static constexpr std::chrono::milliseconds kBetweenTries{10};

 private:
  struct Waiter {
    std::string what;
    std::chrono::seconds patience;
    std::int64_t deadline;  ///< on CLOCK_BOOTTIME
    Then then;
  };
  void plan_try(std::chrono::nanoseconds after);
  void try_lock();
  [[nodiscard]] base::Result<bool> take();
  void end_first(base::Result<apply::XtablesLock> lock);
  void end_late();

  base::PollLoop& loop_;
  std::string path_;
  std::deque<Waiter> waiters_;
  base::UniqueFd file_;  ///< open while somebody waits, not locked
  std::optional<base::PollLoop::TimerId> try_;
};

}  // namespace vuurmuur::daemon
