// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <atomic>
#include <optional>
#include <vector>

#include "lab/queue_consumer.h"
#include "traffic.h"

namespace vuurmuur::kernel_test {

/// What the process and the test share: the test reads what the process writes.
struct TrafficBoard {
  static constexpr std::size_t kStreams = 32, kTalks = 8;

  std::atomic<bool> is_ready{false}, shall_stop{false};
  std::atomic<std::uint64_t> sent{0};                      ///< of all streams, by the process
  std::atomic<std::uint64_t> sent_by_hand[kStreams] = {};  ///< written by the test
  StreamCount streams[kStreams];                           ///< valid when the process has ended
  TalkCount talks[kTalks];
  std::uint64_t overflowed = 0;
  char failure[512] = {};  ///< why the process failed
};

/// The traffic itself: sends, receives, answers, talks and consumes in one loop, so that what it sends has room when it
/// comes back.
class TrafficProcess {
 public:
  TrafficProcess(const Road& road, const TrafficPlan& plan, TrafficBoard& board);

  /// Returns when the board says stop and all has arrived, or the plan's patience is at an end.
  void run();

 private:
  using Clock = Talk::Clock;
  /// Packets of a flow that may be under way at once.
  static constexpr std::size_t kRemembered = 4096;
  struct State {
    std::vector<bool> seen, seen_answers;
    std::optional<lab::Packet> arrived_as;                 ///< of a flow: how its first packet came out
    std::array<Clock::time_point, kRemembered> sent_at{};  ///< of a flow, by number
  };

  void establish();
  void send_due();
  void receive();
  void arrive(Side at, const Number& number, const lab::Packet& packet);
  void note_round_trip(std::size_t stream, std::uint64_t sequence);
  void consume();
  void rest() const;
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] Port& port(Side side) { return side == Side::Near ? near_ : far_; }

  const TrafficPlan& plan_;
  TrafficBoard& board_;
  Port near_, far_;
  std::vector<State> states_;
  std::vector<std::size_t> wheel_;  ///< streams in the order in which they send
  std::vector<Talk> talks_;
  std::optional<lab::QueueConsumer> queues_;
  std::vector<lab::Packet> answers_[2];  ///< to be sent from a side
  Clock::time_point began_{};
  std::uint64_t turns_ = 0;
};

}  // namespace vuurmuur::kernel_test
