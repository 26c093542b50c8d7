// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/file_system.h"
#include "base/poll_loop.h"
#include "daemon/counter_sampler.h"
#include "daemon/drift_repair.h"
#include "daemon/event_feed.h"
#include "daemon/manager_service.h"
#include "daemon/surroundings_watch.h"
#include "history/journal.h"
#include "ipc/server.h"

namespace vuurmuur::daemon {

/// Keeps the confirmed generation in force and answers on the control socket, until SIGTERM or SIGINT; SIGHUP applies the
/// configuration. The rules stay when it ends, however it ends.
class Daemon {
 public:
  Daemon(base::FileSystem& files, Settings settings);

  /// Listens, at a socket that the service manager gives (sd_listen_fds(3)), else at `path`, and brings the machine to its
  /// confirmed generation, if it has one. Fails with EADDRINUSE, and before it does anything, when another daemon answers
  /// there.
  [[nodiscard]] base::Result<void> start(const std::string& path);

  /// Until a signal ends it.
  [[nodiscard]] base::Result<void> run();

 private:
  [[nodiscard]] base::Result<void> listen(const std::string& path);
  void restore();
  void watch_journal();
  void look_at_journal();
  void give_memory_back_soon();
  void follow_surroundings(const history::Journal& journal);
  [[nodiscard]] bool load_again(history::Number generation, const sema::Policy& policy);
  void on_signal(int signal);
  void pat_watchdog();

  base::FileSystem& files_;
  Settings settings_;
  ManagerService service_;
  base::PollLoop loop_;
  ipc::Server server_;
  CounterSampler sampler_;
  EventFeed feed_;
  base::UniqueFd journal_watch_;
  std::optional<base::PollLoop::TimerId> deadline_;
  std::string journal_fault_;  ///< why it could not be read when it was looked at last
  bool will_give_memory_back_ = false;
  DriftRepair drift_;
  SurroundingsWatch surroundings_;
  std::uint64_t watchdog_microseconds_ = 0;
};

}  // namespace vuurmuur::daemon
