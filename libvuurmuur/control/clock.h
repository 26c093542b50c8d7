// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "base/result.h"
#include "history/journal.h"

namespace vuurmuur::control {

/// What time it is, behind an interface so that tests can set it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// On the clock that nobody can set, which also counts while the machine sleeps.
  [[nodiscard]] virtual history::Moment now() const = 0;
  /// Seconds since 1970, as the machine's clock is set.
  [[nodiscard]] virtual std::int64_t wall_seconds() const = 0;
};

/// CLOCK_BOOTTIME and CLOCK_REALTIME (clock_gettime(2)), and the boot ID: what VUURMUUR_BOOT_ID tells, else that of
/// /proc/sys/kernel/random/boot_id (random(4)). A container may have a boot ID of its own, mounted over that of its host,
/// and lose sight of it in the sandbox of a service, whose manager tells it (%b, systemd.unit(5)).
class SystemClock final : public Clock {
 public:
  SystemClock();
  [[nodiscard]] history::Moment now() const override;
  [[nodiscard]] std::int64_t wall_seconds() const override;

 private:
  std::string boot_;
};

}  // namespace vuurmuur::control
