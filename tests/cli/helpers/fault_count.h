// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <fmt/format.h>

#include <map>
#include <string>

#include "helpers/fault_injector.h"

namespace vuurmuur::test {

/// How many faults there were, at which calls, and what became of them; for the test's output.
class FaultCount {
 public:
  void add(const FaultyRun& run) {
    ++calls_[run.call];
    ++(run.status == 0 ? done_ : refused_);
  }
  [[nodiscard]] unsigned refused() const { return refused_; }
  /// `done`: "applied".
  [[nodiscard]] std::string text(const std::string& done) const {
    std::string calls;
    for (const auto& [name, count] : calls_) calls += fmt::format(", {} at {}", count, name);
    return fmt::format("a call on the disk failed {} times{}: {} times refused, {} times {} with a warning",
                       refused_ + done_, calls, refused_, done_, done);
  }

 private:
  std::map<std::string, unsigned> calls_;
  unsigned refused_ = 0, done_ = 0;
};

}  // namespace vuurmuur::test
