// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/queue_report.h"

namespace vuurmuur::control {

/// Something happened to queues first to last of the policy.
struct QueueEvent {
  enum class What : std::uint8_t {
    Unattended,
    Attended,
    Replaced,
    Dropping,
    Stuck,
    Well,
    LeftOut,  ///< its connections go to other queues of its rules
    TakenIn,  ///< and no longer
    Was,      ///< for how long it was unattended
  };
  What what{};
  std::uint16_t first = 0, last = 0;
  std::string detail;  ///< for people: "queue 5: nobody listens, what is sent there is dropped (rule 3: …)"
  bool operator==(const QueueEvent&) const = default;
};

/// "queue unattended", "queue attended", "queue replaced", "queue dropping", "queue stuck", "queue well",
/// "queue left out", "queue taken in", "queue was unattended".
[[nodiscard]] std::string_view to_string(QueueEvent::What what);

/// Tells from successive looks at the queues of a policy what became of those who listen to them. Queues of no rule of
/// ours do not matter.
class QueueMonitor {
 public:
  /// A look at a moment of a clock that only goes on, in nanoseconds. Gives what is another than at the look before; of
  /// queues that are new to it, only that nobody listens. Queues side by side to which the same happened are one event.
  [[nodiscard]] std::vector<QueueEvent> look(std::span<const QueueRow> rows, std::int64_t now);

  /// How a queue was at the last look; of those it does not know, whether somebody listens.
  [[nodiscard]] QueueHealth health(const QueueRow& row) const;

  /// So long without a verdict while packets wait is stuck. It is the time between two looks: who gives one verdict in
  /// it is slow, however many packets wait, and who gives none loses more by waiting than others by taking over.
  static constexpr std::chrono::nanoseconds kPatience = std::chrono::seconds(1);

  /// So long without a drop is well again.
  static constexpr std::chrono::nanoseconds kCalm = std::chrono::seconds(10);

 private:
  struct Known {
    QueueHealth health = QueueHealth::Well;
    apply::QueueStatistics last{};
    std::int64_t last_verdict = 0, last_drop = 0;
    std::uint64_t dropped = 0, user_dropped = 0;  ///< since it was well
  };

  [[nodiscard]] static std::optional<std::pair<QueueEvent::What, std::string>> follow(
      Known& known, const apply::QueueStatistics& queue, std::int64_t now);

  struct Range {
    std::uint32_t first, last;
  };
  [[nodiscard]] bool was_unattended(std::uint32_t queue) const;

  std::map<std::uint16_t, Known> known_;  ///< to which somebody listens
  std::vector<Range> unattended_;         ///< in their order, with room between them
};

}  // namespace vuurmuur::control
