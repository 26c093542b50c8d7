// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vuurmuur::apply {

/// An NFQUEUE queue that a program listens to: a line of /proc/net/netfilter/nfnetlink_queue (seq_show() of
/// net/netfilter/nfnetlink_queue.c). Its counters begin at 0 when the program binds the queue, and go around at 2^32.
struct QueueStatistics {
  std::uint16_t number = 0;
  /// Of the netlink socket of the program. With most programs that is the number of the process (netlink(7)), but
  /// nobody has to keep to that.
  std::uint32_t port_id = 0;
  std::uint32_t waiting = 0;  ///< packets that have no verdict yet
  /// How much of a packet the program gets: 0 nothing, 1 what is known about it, 2 its bytes too (NFQNL_COPY_*).
  std::uint8_t copy_mode = 0;
  std::uint32_t copy_range = 0;    ///< bytes, with mode 2
  std::uint32_t dropped = 0;       ///< packets that found the queue full (queue_maxlen)
  std::uint32_t user_dropped = 0;  ///< packets that found the program's socket full, or no memory
  std::uint32_t last_id = 0;       ///< of the last packet: how many there were
  bool operator==(const QueueStatistics&) const = default;
};

/// The lines of that file, by queue number. Lines that are something else are left out.
[[nodiscard]] std::vector<QueueStatistics> parse_queue_statistics(std::string_view text);

/// The queues of the network namespace of this thread that are listened to. None when the kernel has no NFQUEUE. Error
/// code EACCES: only root and its group may read them.
[[nodiscard]] base::Result<std::vector<QueueStatistics>> read_queue_statistics();

}  // namespace vuurmuur::apply
