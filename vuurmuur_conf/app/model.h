// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/daemon.h"
#include "app/machine.h"
#include "app/workspace.h"
#include "ui/style.h"

namespace vuurmuur::app {

/// A line for the user, until the next key.
struct Message {
  std::string text;
  ui::Role role = ui::Role::Normal;
};

/// All that screens share.
struct Model {
  Workspace workspace;
  DaemonState daemon{};
  std::int64_t now = 0, time = 0;  ///< of the last Tick
  std::string why_read_only{};     ///< why nothing can be written; empty: it can
  std::string own_connection{};    ///< SSH_CONNECTION of this session; empty: none
  std::string user{}, host{};
  std::string version{};                          ///< of this program
  std::vector<std::string> changed_underneath{};  ///< files that somebody else changed since they were read
  /// The files as they are now, when they are not any more what the draft was made on.
  std::shared_ptr<const base::MemoryFileSystem> newer{};
  std::optional<Message> message{};
  Machine machine{};  ///< as it was when the program began
};

/// Takes files that were read again: without a draft they are what is edited from now on; a draft stays on those that
/// it was made on, and what differs from them is in `newer` and `changed_underneath`.
void take_tree(Model& model, const std::shared_ptr<const base::MemoryFileSystem>& files);

/// Seconds until what waits goes back; nothing when nothing waits.
[[nodiscard]] std::optional<std::int64_t> seconds_left(const Model& model);

/// Why nothing can be changed now: no permission. Nothing when it can.
[[nodiscard]] std::optional<std::string> why_not_write(const Model& model);
/// Why the daemon cannot be asked.
[[nodiscard]] std::optional<std::string> why_not_daemon(const Model& model);

}  // namespace vuurmuur::app
