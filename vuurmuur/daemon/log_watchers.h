// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/poll_loop.h"
#include "ipc/server.h"
#include "log/entry.h"

namespace vuurmuur::daemon {

/// Tells clients what rules log, each what it wants to see. A client that is slower than what comes misses some, and is
/// told how many; nobody else notices, and memory does not grow.
class LogWatchers {
 public:
  using Wanted = std::function<bool(const log::Entry& entry)>;

  LogWatchers(base::PollLoop& loop, ipc::Server& server) : loop_(loop), server_(server) {}
  ~LogWatchers();
  LogWatchers(const LogWatchers&) = delete;
  LogWatchers& operator=(const LogWatchers&) = delete;

  /// From now on, until it goes. Gives the first reply, which has no entries.
  [[nodiscard]] ipc::Reply add(ipc::ClientId client, Wanted wanted);

  void take(const log::Entry& entry);
  /// Records that nobody saw: they were lost on the way from the kernel.
  void note_lost(std::uint64_t count);
  /// What was taken since the last call goes to those who have fetched what they were told before.
  void tell();
  /// Whether anybody watches.
  [[nodiscard]] bool is_empty();

  /// What waits for one client.
  static constexpr std::size_t kMostWaiting = 2000, kMostBytes = 1u << 20;
  static constexpr std::chrono::milliseconds kNextTry{20};

 private:
  struct Watcher {
    ipc::ClientId client{};
    Wanted wanted;
    std::deque<std::string> waiting;  ///< as JSON
    std::size_t bytes = 0;
    std::uint64_t missed = 0, lost = 0;
  };
  void tell(Watcher& watcher);

  base::PollLoop& loop_;
  ipc::Server& server_;
  std::vector<Watcher> watchers_;
  std::optional<base::PollLoop::TimerId> timer_;
};

}  // namespace vuurmuur::daemon
