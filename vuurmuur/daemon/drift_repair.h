// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "control/blocks.h"
#include "control/clock.h"
#include "daemon/drift_watch.h"
#include "daemon/lock_wait.h"
#include "daemon/manager_service.h"
#include "history/journal.h"
#include "net/address.h"

namespace vuurmuur::daemon {

/// Holds the kernel against the generation in force; what another program changed is noted in the history, and repaired
/// where the policy says so.
class DriftRepair {
 public:
  DriftRepair(base::PollLoop& loop, base::FileSystem& files, const Settings& settings, LockWait& lock_wait)
      : loop_(loop),
        files_(files),
        settings_(settings),
        lock_wait_(lock_wait),
        kernel_(apply::make_kernel()),
        blocks_(*kernel_, files, settings.state_directory, clock_),
        watch_(
            loop, [this] { return blocks_.changed_sets(); },
            [this](const DriftWatch::Drift& drift) { on_drift(drift); }) {}

  /// Told when the rules of the generation in force were loaded again, as it has them.
  void when_repaired(std::function<void()> on_repair) { on_repair_ = std::move(on_repair); }

  /// Before anything is loaded: from now on no change of nf_tables is missed.
  [[nodiscard]] base::Result<void> listen() { return watch_.listen(); }

  /// The journal was written: a generation that is in force is watched as soon as it is; what is being applied is not.
  void follow(const history::Journal& journal);

  /// Some families of the generation in force were loaded again, beside the journal: what is in the kernel now of these
  /// is what shall be there.
  void go_on(const history::Journal& journal, std::span<const net::Family> families);

 private:
  void begin(const history::Journal& journal);
  void on_drift(const DriftWatch::Drift& drift);
  void try_again(std::chrono::nanoseconds after);
  void try_drift(apply::XtablesLock lock = nullptr);

  base::PollLoop& loop_;
  base::FileSystem& files_;
  const Settings& settings_;
  LockWait& lock_wait_;
  control::SystemClock clock_;
  std::unique_ptr<apply::Kernel> kernel_;
  control::Blocks blocks_;
  DriftWatch watch_;
  std::function<void()> on_repair_;
  std::optional<history::Number> watched_;  ///< the generation that the kernel is held against
  std::optional<DriftWatch::Drift> drift_;  ///< found, and not yet dealt with
  std::optional<base::PollLoop::TimerId> try_;
  bool waits_for_lock_ = false;
  std::int64_t last_repair_ = 0;  ///< on CLOCK_BOOTTIME
  unsigned repairs_ = 0;          ///< since the last calm
};

}  // namespace vuurmuur::daemon
