// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <sys/types.h>

#include <vector>

namespace vuurmuur::bench {

/// Keeps every processor awake for as long as it lives, with a process each that works and sleeps by turns and gives
/// way to everybody (SCHED_IDLE of sched(7)). The host of a virtual machine lets a processor that was asleep begin up
/// to some milliseconds late, and for that long what is done side by side is done one after the other.
class Awake {
 public:
  /// While the process has one thread.
  Awake();
  ~Awake();
  Awake(const Awake&) = delete;
  Awake& operator=(const Awake&) = delete;

 private:
  std::vector<pid_t> processes_;
};

}  // namespace vuurmuur::bench
