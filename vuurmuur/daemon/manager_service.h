// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "apply/apply.h"
#include "base/file_system.h"
#include "control/connection_query.h"
#include "control/journal_events.h"
#include "control/manager.h"
#include "control/session.h"
#include "daemon/parameters.h"
#include "diag/render.h"
#include "history/store_lock.h"
#include "ipc/peer.h"
#include "ipc/server.h"
#include "ipc/varlink.h"

namespace vuurmuur::daemon {

class CounterSampler;
class ConnectionSampler;
class EventFeed;
class InForceCache;
class LockWait;
class QueueWatch;
class TrafficLog;
class VolumeKeeper;
struct Wish;

/// Where the service works, and who may do what.
struct Settings {
  std::string configuration;     ///< directory
  std::string state_directory;   ///< of the generations
  apply::Options load;           ///< in the daemon without patience for the xtables lock: LockWait has it
  std::optional<gid_t> group;    ///< whose members may do what root may
  bool may_others_read = false;  ///< whether everybody may ask what is in force
  /// Starts the process that takes back what nobody confirms, before there is something to confirm.
  std::function<base::Result<void>()> start_guard;
  /// Whether it waits for its turn where the command line does. The daemon does not: others would wait with it.
  history::Wait wait = history::Wait::No;
  /// How long an apply waits for names of which nothing is known. The daemon asks for them afterwards.
  std::chrono::milliseconds patience_for_names{0};
  /// Told what is done before there is a generation ("compiling", "checking"), and when that is the end of it
  /// ("refused"); and that the journal has one that is about to be loaded. Either may be empty.
  std::function<void(const control::StateEvent&)> on_step = {};
  std::function<void()> on_loading = {};
};

/// Who calls.
struct Caller {
  ipc::Peer peer;
  std::optional<ipc::ClientId> client = {};  ///< nothing: this process
  bool takes_more = false;                   ///< several replies to the call
  apply::XtablesLock lock = nullptr;         ///< when the call has waited for it
};

/// What becomes of calls of the interfaces org.vuurmuur.Manager (config/org.vuurmuur.Manager.varlink) and
/// org.varlink.service. The daemon answers its clients with it, and the command line itself where there is no daemon:
/// so both do the same.
class ManagerService {
 public:
  ManagerService(base::FileSystem& files, const Settings& settings);
  ~ManagerService();

  /// A call of somebody else, who may not do everything.
  [[nodiscard]] ipc::Reply handle(const Caller& caller, const ipc::Call& call);
  /// A call of whoever this process belongs to: what he may not do, the kernel refuses.
  [[nodiscard]] ipc::Reply handle_own(const ipc::Call& call);

  /// Who tells those that watch, and what waits; must live as long as there are calls of others.
  void set_watched(CounterSampler& sampler, ConnectionSampler& connections, EventFeed& feed, TrafficLog& traffic_log,
                   const QueueWatch& queue_watch, const LockWait& lock_wait) {
    sampler_ = &sampler;
    connection_sampler_ = &connections;
    feed_ = &feed;
    traffic_log_ = &traffic_log;
    queue_watch_ = &queue_watch;
    lock_wait_ = &lock_wait;
  }

  /// Who keeps what was counted; without it that is looked up in its file. As long as set_watched().
  void set_volumes(VolumeKeeper& volumes) { volumes_ = &volumes; }

  /// How long a call may wait for the xtables lock before it is refused with ETIMEDOUT; nothing when it needs none,
  /// and for those who may not call it.
  [[nodiscard]] std::optional<std::chrono::seconds> lock_patience(const Caller& caller, const ipc::Call& call) const;

 private:
  struct Method;
  struct BlockList;
  [[nodiscard]] static const Method* find_method(std::string_view name);
  [[nodiscard]] bool may(const ipc::Peer& peer, const Method& method) const;

  // manager_reading.cpp
  [[nodiscard]] ipc::Reply about(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply status(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply history(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply show(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply rules(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply compare(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply kept_counters(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply list(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply watch_counters(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply watch_log(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply monitor(const Caller& caller, Parameters& parameters);
  // manager_apply.cpp
  [[nodiscard]] ipc::Reply apply(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply preview(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply put_in_force(control::Session& session, const Wish& wish, control::Request request);
  // manager_rollback.cpp
  [[nodiscard]] ipc::Reply rollback(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply bring_back(control::Session& session, const Wish& wish, history::Number number);
  // manager_changes.cpp
  [[nodiscard]] ipc::Reply confirm(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply take_back(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply clear(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply block(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply unblock(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply bait(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply unbait(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply baited(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply end_connections(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply blocked(const Caller& caller, Parameters& parameters);
  // manager_connections.cpp
  [[nodiscard]] ipc::Reply connections(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply watch_connections(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply kill_connections(const Caller& caller, Parameters& parameters);
  [[nodiscard]] InForceCache& in_force();
  [[nodiscard]] std::expected<control::ConnectionQuery, ipc::Reply> read_query(Parameters& parameters,
                                                                               std::uint64_t usual, std::uint64_t most);
  // manager_queues.cpp
  [[nodiscard]] ipc::Reply queues(const Caller& caller, Parameters& parameters);
  // manager_volumes.cpp
  [[nodiscard]] ipc::Reply counters(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply volume(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply metrics(const Caller& caller, Parameters& parameters);
  // manager_edits.cpp
  [[nodiscard]] ipc::Reply edits(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply note_edit(const Caller& caller, Parameters& parameters);
  // manager_service.cpp
  [[nodiscard]] ipc::Reply get_info(const Caller& caller, Parameters& parameters);
  [[nodiscard]] ipc::Reply get_interface_description(const Caller& caller, Parameters& parameters);

  [[nodiscard]] apply::Options load_of(const Caller& caller) const;
  [[nodiscard]] control::Blocks& blocks();
  [[nodiscard]] control::NameSource names() const;
  void forget_other_names(const model::Policy& confirmed);
  void step(std::string what, const history::Actor& who, std::string detail = {}) const;
  [[nodiscard]] ipc::Reply apply_configuration(const Wish& wish, const control::Wishes& wishes, diag::Style style);
  void note_refusal(const ipc::Reply& reply, const history::Actor& who);

  base::FileSystem& files_;
  const Settings& settings_;
  std::unique_ptr<BlockList> block_list_;
  std::unique_ptr<InForceCache> in_force_;
  CounterSampler* sampler_ = nullptr;
  ConnectionSampler* connection_sampler_ = nullptr;
  EventFeed* feed_ = nullptr;
  TrafficLog* traffic_log_ = nullptr;
  const QueueWatch* queue_watch_ = nullptr;
  VolumeKeeper* volumes_ = nullptr;
  const LockWait* lock_wait_ = nullptr;
};

}  // namespace vuurmuur::daemon
