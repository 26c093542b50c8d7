// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace vuurmuur::bench {

/// The repetitions of one figure.
class Samples {
 public:
  void add(double value) { values_.push_back(value); }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] double min() const;
  [[nodiscard]] double median() const;
  [[nodiscard]] double max() const;
  /// In the order in which they came.
  [[nodiscard]] const std::vector<double>& values() const { return values_; }

  /// "median (min–max)" with so many digits behind the point; "–" when there are none.
  [[nodiscard]] std::string to_string(int digits = 1) const;

 private:
  std::vector<double> values_;
};

/// Run by run, a / b. Both have as many runs, and those of one number were measured one after the other, so that a
/// machine that is slower for a while cancels.
[[nodiscard]] Samples ratios(const Samples& a, const Samples& b);

/// Run by run, a - b; as ratios().
[[nodiscard]] Samples differences(const Samples& a, const Samples& b);

/// Wall time.
class Stopwatch {
 public:
  /// Milliseconds since the last call, or since it was made.
  double lap() {
    const auto now = Clock::now();
    const double passed = std::chrono::duration<double, std::milli>(now - begin_).count();
    begin_ = now;
    return passed;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace vuurmuur::bench
