// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/daemon_client.h"
#include "daemon/manager_service.h"
#include "history/journal.h"

namespace vuurmuur::cli {

/// Who does what a command asks: the daemon or, where there is none to be asked, this process, with the same code.
class Service {
 public:
  /// `directory`: of the configuration that the user named. Of another one than the daemon's, and for wishes that the
  /// daemon does not fulfil, it is this process.
  [[nodiscard]] static Service find(Context& context, const Arguments& arguments,
                                    const std::optional<std::string>& directory = {});

  /// The daemon, when it is asked.
  [[nodiscard]] const DaemonClient* daemon() const { return daemon_ ? &*daemon_ : nullptr; }

  /// Directory of the configuration: the daemon's, or the one that was named, or the usual one.
  [[nodiscard]] const std::string& configuration() const {
    return daemon_ ? daemon_->about().configuration : settings_->configuration;
  }

  /// A method of org.vuurmuur.Manager.
  [[nodiscard]] ipc::Reply ask(const std::string& method, const ipc::Json& parameters = ipc::Json::object());
  /// The same, again while another process has its turn: as this process waits for its own.
  [[nodiscard]] ipc::Reply ask_in_turn(const std::string& method, const ipc::Json& parameters);
  /// The parameters of its reply, or its error.
  [[nodiscard]] base::Result<ipc::Json> call(const std::string& method,
                                             const ipc::Json& parameters = ipc::Json::object());

  /// Asks the daemon, which there must be, for a method that gives several replies: they come from the client.
  [[nodiscard]] base::Result<std::reference_wrapper<ipc::Client>> watch(const std::string& method,
                                                                        ipc::Json parameters);

  /// The journal, as the daemon tells it or from the state directory.
  [[nodiscard]] base::Result<history::Journal> journal();

 private:
  Service() = default;
  [[nodiscard]] base::Result<history::Journal> journal_of_daemon();

  std::optional<DaemonClient> daemon_;
  base::FileSystem* files_ = nullptr;
  std::unique_ptr<daemon::Settings> settings_;
  std::unique_ptr<daemon::ManagerService> own_;
};

/// What a reply with an error says.
[[nodiscard]] base::Error error_of(const ipc::Reply& reply);
/// Whether the error is the one of that name ("LocksOut").
[[nodiscard]] bool is_error(const ipc::Reply& reply, std::string_view name);

/// Parameters with who the caller is and how long he waits for the xtables lock, for a method that changes something.
[[nodiscard]] ipc::Json with_caller(ipc::Json parameters);
[[nodiscard]] ipc::Json with_wait(const Service& service, const Arguments& arguments, ipc::Json parameters);

/// For an answer that is not what the interface says.
[[nodiscard]] std::unexpected<base::Error> strange_answer();

}  // namespace vuurmuur::cli
