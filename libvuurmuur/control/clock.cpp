// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/clock.h"

#include <cstdlib>
#include <ctime>
#include <string>

#include "base/file_system.h"

namespace vuurmuur::control {

SystemClock::SystemClock() {
  if (const char* told = std::getenv("VUURMUUR_BOOT_ID"); told != nullptr && *told != '\0') {
    boot_ = told;
  } else if (const auto id = base::RealFileSystem().read_file("/proc/sys/kernel/random/boot_id")) {
    boot_ = *id;
  }
  // A kernel without it gives the empty name to every boot, and CLOCK_BOOTTIME still begins anew.
  std::erase_if(boot_, [](char character) { return character == '-' || character == '\n'; });  // systemd writes it without
}

history::Moment SystemClock::now() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return {.boot = boot_, .nanoseconds = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec};
}

std::int64_t SystemClock::wall_seconds() const { return std::time(nullptr); }

}  // namespace vuurmuur::control
