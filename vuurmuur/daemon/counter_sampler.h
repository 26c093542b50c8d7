// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/poll_loop.h"
#include "control/counter_rates.h"
#include "ipc/server.h"

namespace vuurmuur::daemon {

/// Reads counters for all who watch them: once for an interval, however many they are, and only while somebody does.
/// Intervals are whole seconds that begin together, so that one reading serves all that are due. Where reading is dear,
/// it is done less often than asked for: it takes a tenth of the daemon's time at most.
class CounterSampler {
 public:
  static constexpr std::uint64_t kLongestInterval = 3600;

  /// `runtime_directory`: apply::Options::state_directory, which lives as long as this does.
  CounterSampler(base::PollLoop& loop, ipc::Server& server, const std::string& runtime_directory)
      : loop_(loop), server_(server), runtime_directory_(runtime_directory) {}
  ~CounterSampler();
  CounterSampler(const CounterSampler&) = delete;
  CounterSampler& operator=(const CounterSampler&) = delete;

  /// A client is told a sample every so many seconds from now on, until it goes. Gives the first reply, which has no
  /// rates. A client that has not fetched the last sample misses one.
  [[nodiscard]] ipc::Reply add(ipc::ClientId client, std::uint64_t seconds);

 private:
  using Reading = std::shared_ptr<const control::CounterReading>;
  struct Group {
    std::vector<ipc::ClientId> clients;
    Reading before;
    std::int64_t due = 0;  ///< on CLOCK_BOOTTIME
  };

  [[nodiscard]] base::Result<Reading> read();
  void plan();
  void on_due();
  void tell(std::uint64_t seconds, const Reading& reading);

  base::PollLoop& loop_;
  ipc::Server& server_;
  const std::string& runtime_directory_;
  control::SystemClock clock_;
  std::map<std::uint64_t, Group> groups_;  ///< by seconds
  Reading last_;
  std::int64_t cost_ = 0;  ///< of the last reading, in nanoseconds
  std::optional<base::PollLoop::TimerId> timer_;
};

}  // namespace vuurmuur::daemon
