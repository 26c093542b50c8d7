// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "control/queue_monitor.h"
#include "control/queue_report.h"

namespace vuurmuur::control {

/// Which queues of rules that balance over several are to get no connections, because nobody listens to them, or
/// their program is stuck, while others of the same rule are served. Where none of them is, the rules stay and say what
/// happens. A program that begins to listen, or goes on, is taken in at once; one that leaves or is stuck again within
/// kSteady is so only when it has stayed that long: else each of its starts would move connections twice.
class QueueBalance {
 public:
  /// A look at a moment of a clock that only goes on, in nanoseconds, after that of the monitor. Gives the queues in
  /// their order.
  [[nodiscard]] std::vector<std::uint16_t> look(std::span<const QueueRow> rows, const QueueMonitor& monitor,
                                                std::int64_t now);

  static constexpr std::chrono::nanoseconds kSteady = std::chrono::seconds(30);

 private:
  struct Seen {
    bool is_served = false;
    bool is_unsteady = false;
    std::int64_t since = 0;  ///< that it is served
    bool operator==(const Seen&) const = default;
  };
  void remember(std::span<const QueueRow> rows, const QueueMonitor& monitor, std::int64_t now);

  bool has_looked_ = false;
  std::map<std::uint16_t, Seen> seen_;  ///< that are served, or were and soon no longer
};

/// What is another when other queues are left out than before; queues side by side are one event.
[[nodiscard]] std::vector<QueueEvent> balance_events(std::span<const std::uint16_t> before,
                                                     std::span<const std::uint16_t> now);

}  // namespace vuurmuur::control
