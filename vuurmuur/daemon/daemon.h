// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "apply/nft_memory.h"
#include "base/file_system.h"
#include "base/poll_loop.h"
#include "daemon/connection_log.h"
#include "daemon/connection_sampler.h"
#include "daemon/connection_watch.h"
#include "daemon/counter_sampler.h"
#include "daemon/drift_repair.h"
#include "daemon/event_feed.h"
#include "daemon/lock_wait.h"
#include "daemon/manager_service.h"
#include "daemon/queue_watch.h"
#include "daemon/surroundings_watch.h"
#include "daemon/traffic_log.h"
#include "daemon/volume_keeper.h"
#include "history/journal.h"
#include "ipc/server.h"

namespace vuurmuur::daemon {

/// Keeps the confirmed generation in force and answers on the control socket, until SIGTERM or SIGINT; SIGHUP applies the
/// configuration, SIGUSR1 says that somebody moved the logs. The rules stay when it ends, however it ends.
class Daemon {
 public:
  Daemon(base::FileSystem& files, Settings settings);

  /// Listens (at a socket that the service manager gives, sd_listen_fds(3), else at `path`) and brings the machine to its
  /// confirmed generation, if it has one. Fails, with everything as it was, when another daemon answers there. When another
  /// program has the xtables lock, the generation comes later.
  [[nodiscard]] base::Result<void> start(const std::string& path);

  /// Until a signal ends it.
  [[nodiscard]] base::Result<void> run();

 private:
  [[nodiscard]] base::Result<void> listen(const std::string& path);
  /// Gives the answer to a call, or nothing when it has to wait for the xtables lock: then `late` is called with it.
  using OnReply = std::function<void(const ipc::Reply&)>;
  [[nodiscard]] std::optional<ipc::Reply> answer(Caller caller, const ipc::Call& call, OnReply late);
  void wait_for_lock(const Caller& caller, const ipc::Call& call, std::chrono::seconds patience, OnReply late);
  void tell_step(const char* what, const Caller& caller, const ipc::Call& call, std::string detail);

  void restore();
  [[nodiscard]] bool try_to_restore(apply::XtablesLock lock);
  void begin_watching();
  void tell_ready();
  void watch_journal();
  void look_at_journal();
  void recover(apply::XtablesLock lock);
  void recover_soon();
  void give_memory_back_soon();
  void follow_surroundings(const history::Journal& journal);
  void follow_policy(const history::Generation* generation);
  void tell_queue(const control::QueueEvent& event);
  [[nodiscard]] SurroundingsWatch::Tried load_again(history::Number generation, const sema::Policy& policy,
                                                    control::PlanMemo& memo);
  [[nodiscard]] apply::Options load_with(apply::XtablesLock lock) const;
  void on_signal(int signal);
  void pat_watchdog();

  base::FileSystem& files_;
  Settings settings_;
  apply::NftMemory nft_memory_;
  ManagerService service_;
  base::PollLoop loop_;
  LockWait lock_wait_;
  ipc::Server server_;
  CounterSampler sampler_;
  ConnectionSampler connection_sampler_;
  EventFeed feed_;
  TrafficLog traffic_log_;
  QueueWatch queue_watch_;
  ConnectionLog connection_log_;
  ConnectionWatch connection_watch_;
  VolumeKeeper volumes_;
  base::UniqueFd journal_watch_;
  std::optional<base::PollLoop::TimerId> deadline_;
  std::string journal_fault_;  ///< why it could not be read when it was looked at last
  bool will_give_memory_back_ = false;
  bool is_running_ = false, is_watching_ = false;       ///< READY=1 is told when both are
  bool recovers_later_ = false, follows_later_ = false; ///< that waits for the xtables lock
  apply::XtablesLock lock_to_follow_;                   ///< while devices and addresses are followed after such a wait
  DriftRepair drift_;
  SurroundingsWatch surroundings_;
  std::uint64_t watchdog_microseconds_ = 0;
};

}  // namespace vuurmuur::daemon
