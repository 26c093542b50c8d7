// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/lockout_warning.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/kernel_report.h"
#include "cli/question.h"
#include "control/own_connection.h"

namespace vuurmuur::cli {
namespace {

std::string text_in(const ipc::Json& answer, const char* name) {
  const ipc::Json value = answer.value(name, ipc::Json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

ipc::Json own_connection_parameter() {
  const auto own = control::own_connection();
  return own ? ipc::Json(control::to_ssh(*own)) : ipc::Json(nullptr);
}

void tell_lockout(Context& context, const ipc::Json& answer, apply::LiveConnections connections) {
  if (const std::string why = text_in(answer, "lockout_unknown"); !why.empty())
    tell(context, "warning", "whether the new rules refuse your own connection is not known: " + why);
  const std::string lockout = text_in(answer, "lockout");
  if (lockout.empty()) return;
  tell(context, "warning", lockout);
  tell(context, "warning",
       connections == apply::LiveConnections::Enforce
           ? "--connections=enforce ends it"
           : "it goes on while it lasts, and another like it does not get in");
}

std::optional<ExitCode> ask_despite_lockout(Context& context) {
  if (!is_terminal(STDIN_FILENO))
    return report_failure(context,
                          "this would lock you out and there is nobody to ask; --confirm goes back by itself, --force "
                          "applies it all the same",
                          ExitCode::NeedsPerson);
  if (ask(context, "Apply it all the same?")) return std::nullopt;
  return report_failure(context, "nothing was changed", ExitCode::NeedsPerson);
}

}  // namespace vuurmuur::cli
