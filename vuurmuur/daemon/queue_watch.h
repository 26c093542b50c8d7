// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "control/queue_monitor.h"
#include "sema/policy.h"

namespace vuurmuur::daemon {

/// Looks each second at the queues of the policy in force: whether somebody listens, and whether he keeps up. Where there
/// are so many that a look is dear, it looks less often: it takes a fiftieth of the daemon's time at most.
class QueueWatch {
 public:
  using OnEvent = std::function<void(const control::QueueEvent&)>;

  QueueWatch(base::PollLoop& loop, OnEvent on_event) : loop_(loop), on_event_(std::move(on_event)) {}
  ~QueueWatch();
  QueueWatch(const QueueWatch&) = delete;
  QueueWatch& operator=(const QueueWatch&) = delete;

  /// The policy that is in force from now on; null: none.
  void follow(const sema::Policy* policy);

  [[nodiscard]] const control::QueueMonitor& monitor() const { return monitor_; }

  static constexpr std::chrono::seconds kInterval{1}, kNextTry{30};

 private:
  void look();
  void plan(std::chrono::nanoseconds after);

  base::PollLoop& loop_;
  OnEvent on_event_;
  std::vector<control::QueueRule> rules_;
  control::QueueMonitor monitor_;
  std::string complaint_;  ///< the last one: each is told once
  std::optional<base::PollLoop::TimerId> timer_;
};

}  // namespace vuurmuur::daemon
