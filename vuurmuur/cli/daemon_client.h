// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "cli/command.h"
#include "ipc/client.h"

namespace vuurmuur::cli {

/// What a daemon tells of itself.
struct AboutDaemon {
  std::string configuration;  ///< directory
  std::string state_directory;
};

/// A daemon that answers on its socket, of this version.
class DaemonClient {
 public:
  /// The daemon that a command is to ask: the one at VUURMUUR_SOCKET, else the one at one of the usual places that is
  /// in this network namespace. Nothing when there is none, or none is to be asked: --state-dir or VUURMUUR_STATE_DIR
  /// name another place, or VUURMUUR_SOCKET is "none". One that does not answer is told of.
  [[nodiscard]] static std::optional<DaemonClient> find(Context& context, const Arguments& arguments);

  [[nodiscard]] const AboutDaemon& about() const { return about_; }

  /// A method of org.vuurmuur.Manager. Not being answered is an error of the reply, as Refused is.
  [[nodiscard]] ipc::Reply ask(const std::string& method, ipc::Json parameters);
  /// One that gives several replies: they come from the client.
  [[nodiscard]] base::Result<std::reference_wrapper<ipc::Client>> watch(const std::string& method,
                                                                        ipc::Json parameters);

 private:
  explicit DaemonClient(ipc::Client client) : client_(std::move(client)) {}
  ipc::Client client_;
  AboutDaemon about_;
};

}  // namespace vuurmuur::cli
