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

/// Which queues of rules that balance over several are to get no connections, because nobody listens to them while
/// somebody listens to others of the same rule. Where nobody listens to any of them, the rules say what happens. A
/// program that begins to listen is taken in at once; one that leaves again within kSteady is so only when it has
/// stayed that long: else each of its starts would move connections twice.
class QueueBalance {
 public:
  /// A look at a moment of a clock that only goes on, in nanoseconds. Gives the queues in their order.
  [[nodiscard]] std::vector<std::uint16_t> look(std::span<const QueueRow> rows, std::int64_t now);

  static constexpr std::chrono::nanoseconds kSteady = std::chrono::seconds(30);

 private:
  struct Seen {
    bool is_attended = false;
    bool is_unsteady = false;
    std::int64_t since = 0;  ///< that somebody listens
    bool operator==(const Seen&) const = default;
  };
  void remember(std::span<const QueueRow> rows, std::int64_t now);

  bool has_looked_ = false;
  std::map<std::uint16_t, Seen> seen_;  ///< to which somebody listens, or did and left soon
};

/// What is another when other queues are left out than before; queues side by side are one event.
[[nodiscard]] std::vector<QueueEvent> balance_events(std::span<const std::uint16_t> before,
                                                     std::span<const std::uint16_t> now);

}  // namespace vuurmuur::control
