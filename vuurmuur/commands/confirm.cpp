// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/caller.h"
#include "cli/daemon_client.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

base::Result<history::Number> confirm(Context& context, const Arguments& arguments) {
  if (auto daemon = DaemonClient::find(arguments))
    return VM_TRY(daemon->call("Confirm")).value("confirmed", history::Number{0});
  const auto session = VM_TRY(open_session(context, arguments, history::Wait::Yes));
  return session->manager().confirm(caller());
}

ExitCode run(Context& context, const Arguments& arguments) {
  const auto number = confirm(context, arguments);
  if (!number) return report_refusal(context, number.error());
  if (context.json)
    context.out << nlohmann::ordered_json{{"confirmed", *number}}.dump(2) << '\n';
  else
    context.out << fmt::format("generation {} is confirmed\n", *number);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kConfirmCommand{
    .name = "confirm",
    .summary = "keep what 'apply --confirm' put in force",
    .arguments = "",
    .usage = "Confirms the generation that waits, so that it stays in force. One whose time is over was taken back\n"
             "already, and there is nothing to confirm.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
