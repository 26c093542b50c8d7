// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "cli/command.h"
#include "history/journal.h"
#include "ipc/client.h"

namespace vuurmuur::cli {

/// A daemon that does for its callers what they may not do themselves.
class DaemonClient {
 public:
  /// The daemon that a command is to ask: the one at VUURMUUR_SOCKET or, for whoever is not root and names no state
  /// directory, at one of its usual places. Nothing when the command does its work itself, as root does with or without
  /// a daemon: both take turns at the same generations.
  [[nodiscard]] static std::optional<DaemonClient> find(const Arguments& arguments);

  /// The reply's parameters; an error of the interface is one with its message, code EINVAL when the
  /// configuration has errors.
  [[nodiscard]] base::Result<ipc::Json> call(const std::string& method, ipc::Json parameters = ipc::Json::object());

  /// The journal as the daemon tells it.
  [[nodiscard]] base::Result<history::Journal> journal();

 private:
  explicit DaemonClient(ipc::Client client) : client_(std::move(client)) {}
  ipc::Client client_;
};

/// The journal, of the daemon that is to be asked or from the state directory.
[[nodiscard]] base::Result<history::Journal> read_journal(Context& context, const Arguments& arguments);

}  // namespace vuurmuur::cli
