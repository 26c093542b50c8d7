// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "apply/apply.h"
#include "base/file_system.h"
#include "control/manager.h"
#include "control/session.h"
#include "daemon/parameters.h"
#include "history/store_lock.h"
#include "ipc/peer.h"
#include "ipc/varlink.h"

namespace vuurmuur::daemon {

/// Where the service works, and who may do what.
struct Settings {
  std::string configuration;    ///< directory
  std::string state_directory;  ///< of the generations
  apply::Options load;
  std::optional<gid_t> group;    ///< whose members may do what root may
  bool may_others_read = false;  ///< whether everybody may ask what is in force
  /// Starts the process that takes back what nobody confirms, before there is something to confirm.
  std::function<base::Result<void>()> start_guard;
  /// Whether it waits for its turn where the command line does. The daemon does not: others would wait with it.
  history::Wait wait = history::Wait::No;
};

/// What becomes of calls of the interfaces org.vuurmuur.Manager (config/org.vuurmuur.Manager.varlink) and
/// org.varlink.service. The daemon answers its clients with it, and the command line itself where there is no daemon:
/// so both do the same.
class ManagerService {
 public:
  ManagerService(base::FileSystem& files, const Settings& settings);
  ~ManagerService();

  /// A call of somebody else, who may not do everything.
  [[nodiscard]] ipc::Reply handle(const ipc::Peer& peer, const ipc::Call& call);
  /// A call of whoever this process belongs to: what he may not do, the kernel refuses.
  [[nodiscard]] ipc::Reply handle_own(const ipc::Call& call);

  /// Applies the configuration directory, as SIGHUP asks for. Gives text for the log.
  [[nodiscard]] std::string reload();

 private:
  struct Method;
  struct BlockList;
  struct Wish;
  [[nodiscard]] static const Method* find_method(std::string_view name);
  [[nodiscard]] bool may(const ipc::Peer& peer, const Method& method) const;

  // manager_reading.cpp
  [[nodiscard]] ipc::Reply about(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply status(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply history(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply show(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply rules(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply compare(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply counters(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply kept_counters(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply list(const ipc::Peer& peer, Parameters& parameters);
  // manager_apply.cpp
  [[nodiscard]] ipc::Reply apply(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply preview(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply rollback(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply bring_back(control::Session& session, const Wish& wish, history::Number number);
  [[nodiscard]] ipc::Reply put_in_force(control::Session& session, const Wish& wish, control::Request request,
                                        ipc::Json notes);
  // manager_changes.cpp
  [[nodiscard]] ipc::Reply confirm(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply take_back(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply clear(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply block(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply unblock(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply blocked(const ipc::Peer& peer, Parameters& parameters);
  // manager_service.cpp
  [[nodiscard]] ipc::Reply get_info(const ipc::Peer& peer, Parameters& parameters);
  [[nodiscard]] ipc::Reply get_interface_description(const ipc::Peer& peer, Parameters& parameters);

  [[nodiscard]] control::Blocks& blocks();

  base::FileSystem& files_;
  const Settings& settings_;
  std::unique_ptr<BlockList> block_list_;
};

}  // namespace vuurmuur::daemon
