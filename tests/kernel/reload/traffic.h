// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "port.h"
#include "stream.h"
#include "talk.h"

namespace vuurmuur::kernel_test {

/// A TCP connection that is to go on all the time.
struct TalkPlan {
  net::Family family = net::Family::Ipv4;
  std::uint16_t port = 0;
};

/// What crosses the firewall.
struct TrafficPlan {
  std::vector<Stream> streams;
  std::vector<TalkPlan> talks;
  std::size_t first_number = 0;              ///< of its streams, so that several traffics know their own
  unsigned packets_per_second = 20000;       ///< of all streams together; fewer when the machine has no time
  std::vector<std::uint16_t> queues;         ///< of the firewall, whose packets are accepted as they come
  std::chrono::milliseconds patience{5000};  ///< at the end, for what has not arrived yet
};

/// What became of it, in the order of the plan.
struct TrafficCount {
  std::vector<StreamCount> streams;
  std::vector<TalkCount> talks;
  std::uint64_t lost_by_laboratory = 0;  ///< packets that the devices and sockets of the test itself may have lost
};

/// Traffic over the road from a process of its own, on another processor if there is one, until it is stopped.
class Traffic {
 public:
  /// Returns when every flow and every TCP connection is established.
  Traffic(Road& road, TrafficPlan plan);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// Sends packets of a ByHand stream.
  void send(std::size_t stream, unsigned how_many);
  /// Returns when this many packets were sent since the beginning; says whether that came true in time.
  [[nodiscard]] bool wait_until_sent(std::uint64_t packets);
  /// All packets of all streams up to now.
  [[nodiscard]] std::uint64_t sent() const;
  /// Ends it, when all that is under way has arrived or the plan's patience is at an end.
  [[nodiscard]] TrafficCount stop();

 private:
  struct Shared;
  void wait_until_ready();
  void check_process();
  void end_process();

  Road& road_;
  TrafficPlan plan_;
  std::uint64_t dropped_before_ = 0;
  Shared* shared_ = nullptr;
  pid_t process_ = -1;
  Port by_hand_;
};

}  // namespace vuurmuur::kernel_test
