// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "control/checked_policy.h"
#include "control/clock.h"
#include "control/connection_event.h"
#include "control/host_volumes.h"
#include "control/volume_readings.h"
#include "history/journal.h"
#include "volumes/accumulator.h"
#include "volumes/store.h"

namespace vuurmuur::daemon {

/// Reads all counters once a minute and keeps what was counted: as minutes, hours, days and months in a file of the
/// state directory. Whatever is wrong with that file hinders nobody: it is told, what was counted waits in memory, and
/// a file that is damaged is put aside.
class VolumeKeeper {
 public:
  /// `runtime_directory`: apply::Options::state_directory.
  VolumeKeeper(base::PollLoop& loop, base::FileSystem& files, const std::string& state_directory,
               const std::string& runtime_directory)
      : loop_(loop), files_(files), directory_(state_directory), runtime_directory_(runtime_directory) {}
  ~VolumeKeeper();
  VolumeKeeper(const VolumeKeeper&) = delete;
  VolumeKeeper& operator=(const VolumeKeeper&) = delete;

  /// Goes on from what the file has, and looks each minute from now on.
  void begin();

  /// The generation that is in force, and its policy; null: none. What the rules of the one before had counted is taken
  /// from the history, so that what is reloaded costs no packet.
  void follow(const history::Generation* generation, const control::CheckedPolicy* checked);

  /// A connection has ended, if it has: its hosts have sent and received something.
  void count(const control::ConnectionEvent& event) {
    if (event.has_ended()) hosts_.add(event.named);
  }

  /// Counts, and writes.
  void look();
  /// The same for whoever wants to know how it stands. Where that is dear it is done for a tenth of the time at most.
  void refresh();

  [[nodiscard]] base::Result<volumes::Found> find(const volumes::Query& query);
  [[nodiscard]] const volumes::Accumulator& counted() const { return accumulator_; }
  /// Why what is counted cannot be written; empty: it can.
  [[nodiscard]] const std::string& complaint() const { return complaint_; }

  /// How soon after a load it looks, so that several of them are one.
  static constexpr std::chrono::milliseconds kSettle{200};

 private:
  void plan();
  void look_soon();
  [[nodiscard]] bool is_behind() const;
  void take_kept(history::Number before, history::Number now);
  [[nodiscard]] base::Result<void> open();
  [[nodiscard]] base::Result<void> open_and_go_on();
  [[nodiscard]] base::Result<void> put_aside(const base::Error& damage);
  [[nodiscard]] base::Result<void> write(std::int64_t time);
  void complain(const base::Error& error);

  base::PollLoop& loop_;
  base::FileSystem& files_;
  std::string directory_;
  std::string runtime_directory_;
  control::SystemClock clock_;
  std::optional<volumes::Store> store_;
  volumes::Accumulator accumulator_;
  volumes::State state_;
  control::RuleQueues queues_;
  control::HostVolumes hosts_;
  std::optional<base::PollLoop::TimerId> minute_, soon_;
  std::int64_t looked_ = 0, cost_ = 0;  ///< on CLOCK_BOOTTIME; of the last look, in nanoseconds
  std::string complaint_;
  bool is_begun_ = false, has_gone_on_ = false, has_policy_ = false;
};

}  // namespace vuurmuur::daemon
