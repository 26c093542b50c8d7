// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <string>

#include "apply/apply.h"
#include "base/file_system.h"
#include "ipc/peer.h"
#include "ipc/varlink.h"

namespace vuurmuur::daemon {

/// Where the daemon works, and who may do what.
struct Settings {
  std::string configuration;    ///< directory
  std::string state_directory;  ///< of the generations
  apply::Options load;
  std::optional<gid_t> group;   ///< whose members may do what root may
  bool may_others_read = false; ///< whether everybody may ask what is in force
  /// Starts the process that takes back what nobody confirms, before there is something to confirm.
  std::function<base::Result<void>()> start_guard;
};

/// What becomes of calls of the interfaces org.vuurmuur.Manager (config/org.vuurmuur.Manager.varlink) and
/// org.varlink.service.
class ManagerService {
 public:
  ManagerService(base::FileSystem& files, const Settings& settings) : files_(files), settings_(settings) {}

  [[nodiscard]] ipc::Reply handle(const ipc::Peer& peer, const ipc::Call& call);

  /// Applies the configuration directory, as SIGHUP asks for. Gives text for the log.
  [[nodiscard]] std::string reload();

 private:
  struct Method;
  [[nodiscard]] static const Method* find_method(std::string_view name);
  [[nodiscard]] bool may(const ipc::Peer& peer, bool changes) const;

  [[nodiscard]] ipc::Reply status(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply history(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply show(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply counters(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply apply(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply confirm(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply take_back(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply get_info(const ipc::Peer& peer, const ipc::Json& parameters);
  [[nodiscard]] ipc::Reply get_interface_description(const ipc::Peer& peer, const ipc::Json& parameters);

  base::FileSystem& files_;
  const Settings& settings_;
};

}  // namespace vuurmuur::daemon
