// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <optional>

namespace vuurmuur::analyse {

/// Until when a piece of work may go on, for work that somebody waits for. Without an end it takes what it takes.
class TimeLimit {
 public:
  using Clock = std::chrono::steady_clock;

  TimeLimit() = default;
  explicit TimeLimit(Clock::duration time) : end_(Clock::now() + time) {}

  [[nodiscard]] bool is_over() const { return end_ && Clock::now() >= *end_; }

 private:
  std::optional<Clock::time_point> end_;
};

}  // namespace vuurmuur::analyse
