// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>

#include "base/unique_fd.h"
#include "net/address.h"
#include "road.h"

namespace vuurmuur::kernel_test {

/// What became of a TCP connection.
struct TalkCount {
  std::uint64_t bytes_sent = 0, bytes_back = 0;
  std::uint64_t resent = 0;          ///< segments that either end had to send again
  std::uint64_t longest_gap_us = 0;  ///< between sendings that came back
  bool is_broken = false;            ///< reset, ended, or bytes came back wrong
};

/// A TCP connection between the stacks of the two sides, near to far, in which data goes out all the time and comes
/// back.
class Talk {
 public:
  using Clock = std::chrono::steady_clock;

  /// Connects, or throws when that takes too long.
  Talk(const Road& road, net::Family family, std::uint16_t port);

  /// Sends what is due, returns what came, looks at what came back.
  void step(Clock::time_point now, bool may_send);
  [[nodiscard]] bool has_all_back() const { return count_.bytes_sent == count_.bytes_back; }
  /// With the figures of the kernel.
  [[nodiscard]] TalkCount count() const;
  [[nodiscard]] int near_fd() const { return client_.get(); }
  [[nodiscard]] int far_fd() const { return server_.get(); }

 private:
  void say(Clock::time_point now);
  void answer();
  void hear(Clock::time_point now);

  base::UniqueFd client_, server_;
  TalkCount count_;
  Clock::time_point last_said_{}, last_heard_{};
};

}  // namespace vuurmuur::kernel_test
