// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/queue_monitor.h"
#include "control/queue_report.h"

namespace vuurmuur::control {

/// From when to when nobody listened to queues first to last, or their program was stuck.
struct QueuePeriod {
  std::uint16_t first = 0, last = 0;
  bool passes = false;              ///< what was sent there passed without inspection; else it was dropped
  bool is_stuck = false;            ///< a program was there and gave no verdict: nothing passed, whatever rules say
  std::int64_t begin = 0;           ///< seconds since 1970, as well as the end
  std::optional<std::int64_t> end;  ///< nothing: it goes on
  bool operator==(const QueuePeriod&) const = default;
};

/// "queue 5: nobody listened for 12 s, what was sent there passed without inspection", or "queue 5: its program was
/// stuck for 12 s, what was sent there waited, and was dropped where the queue was full".
[[nodiscard]] std::string text_of(const QueuePeriod& period);

/// A period as type QueuePeriod of config/org.vuurmuur.Manager.varlink.
[[nodiscard]] nlohmann::ordered_json json_of(const QueuePeriod& period);

/// Keeps for successive looks when nobody listened to queues of rules, and when their programs were stuck.
class QueuePeriods {
 public:
  /// A look at a moment, in seconds since 1970, after that of the monitor. Gives the periods that ended since the look
  /// before; a period ends as well when no rule sends there any more.
  std::vector<QueuePeriod> look(std::span<const QueueRow> rows, const QueueMonitor& monitor, std::int64_t now);

  /// Those that go on, by queue, and then those that ended, the last one first: at most kMost of these.
  [[nodiscard]] std::vector<QueuePeriod> all() const;

  static constexpr std::size_t kMost = 100;

 private:
  std::vector<QueuePeriod> open_;  ///< by queue, side by side
  std::deque<QueuePeriod> ended_;  ///< the last one first
};

}  // namespace vuurmuur::control
