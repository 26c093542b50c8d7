// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/clock.h"

#include <ctime>

#include "base/file_system.h"
#include "base/strings.h"

namespace vuurmuur::control {

SystemClock::SystemClock() {
  // A kernel without it gives the empty name to every boot, and CLOCK_BOOTTIME still begins anew.
  const auto id = base::RealFileSystem().read_file("/proc/sys/kernel/random/boot_id");
  if (id) boot_ = base::trim(*id);
}

history::Moment SystemClock::now() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return {.boot = boot_, .nanoseconds = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec};
}

std::int64_t SystemClock::wall_seconds() const { return std::time(nullptr); }

}  // namespace vuurmuur::control
