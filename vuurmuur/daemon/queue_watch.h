// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "control/queue_balance.h"
#include "control/queue_monitor.h"
#include "control/queue_periods.h"
#include "sema/policy.h"

namespace vuurmuur::daemon {

/// Looks each second at the queues of the policy in force: whether somebody listens, and whether he keeps up. Where
/// there are so many that a look is dear, it looks less often: it takes a fiftieth of the daemon's time at most. Tells
/// as well which queues of rules that balance are to be left out, and keeps when nobody listened.
class QueueWatch {
 public:
  using OnEvent = std::function<void(const control::QueueEvent&)>;

  /// Queues that are to get no connections, in their order, whenever these are others than before.
  using OnBalance = std::function<void(const std::vector<std::uint16_t>& left_out)>;

  QueueWatch(base::PollLoop& loop, OnEvent on_event, OnBalance on_balance)
      : loop_(loop), on_event_(std::move(on_event)), on_balance_(std::move(on_balance)) {}
  ~QueueWatch();
  QueueWatch(const QueueWatch&) = delete;
  QueueWatch& operator=(const QueueWatch&) = delete;

  /// The policy that is in force from now on; null: none.
  void follow(const sema::Policy* policy);

  [[nodiscard]] const control::QueueMonitor& monitor() const { return monitor_; }

  [[nodiscard]] const control::QueuePeriods& periods() const { return periods_; }

  static constexpr std::chrono::seconds kInterval{1}, kNextTry{30};

 private:
  void look();
  void plan(std::chrono::nanoseconds after);
  void keep_periods(std::span<const control::QueueRow> rows);
  void balance(std::vector<std::uint16_t> left_out);

  base::PollLoop& loop_;
  OnEvent on_event_;
  OnBalance on_balance_;
  std::vector<control::QueueRule> rules_;
  control::QueueMonitor monitor_;
  control::QueuePeriods periods_;
  control::QueueBalance balance_;
  std::vector<std::uint16_t> left_out_;
  std::string complaint_;  ///< the last one: each is told once
  std::optional<base::PollLoop::TimerId> timer_;
};

}  // namespace vuurmuur::daemon
