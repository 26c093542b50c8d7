// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/poll_loop.h"
#include "control/connection_query.h"
#include "daemon/in_force_cache.h"
#include "ipc/server.h"

namespace vuurmuur::daemon {

/// One look at the live connections, in the form of the reply of Connections.
[[nodiscard]] base::Result<ipc::Json> look_at_connections(InForceCache& in_force,
                                                          const control::ConnectionQuery& query);

/// Tells clients what lives, each what it asked for, every so many seconds. The daemon looks at the table for each of
/// them; where that is dear it looks less often than asked for: it takes a tenth of the daemon's time at most.
class ConnectionSampler {
 public:
  static constexpr std::uint64_t kLongestInterval = 3600;
  /// More would look the other way while one is served.
  static constexpr std::size_t kMostWatchers = 8;

  ConnectionSampler(base::PollLoop& loop, ipc::Server& server) : loop_(loop), server_(server) {}
  ~ConnectionSampler();
  ConnectionSampler(const ConnectionSampler&) = delete;
  ConnectionSampler& operator=(const ConnectionSampler&) = delete;

  /// From now on, until the client goes. Gives the first reply. One that has not fetched the last sample misses one.
  [[nodiscard]] ipc::Reply add(ipc::ClientId client, InForceCache& in_force, control::ConnectionQuery query,
                               std::uint64_t seconds);

 private:
  struct Watcher {
    ipc::ClientId client{};
    InForceCache* in_force = nullptr;
    control::ConnectionQuery query;
    std::int64_t interval = 0, due = 0;  ///< nanoseconds, on CLOCK_BOOTTIME
  };
  [[nodiscard]] ipc::Reply look(const Watcher& watcher);
  void plan();
  void on_due();

  base::PollLoop& loop_;
  ipc::Server& server_;
  std::vector<Watcher> watchers_;
  std::int64_t rests_until_ = 0;
  std::optional<base::PollLoop::TimerId> timer_;
};

}  // namespace vuurmuur::daemon
