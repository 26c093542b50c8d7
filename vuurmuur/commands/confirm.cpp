// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/kernel_report.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

ExitCode run(Context& context, const Arguments& arguments) {
  Service service = Service::find(context, arguments);
  const ipc::Reply reply = service.ask_in_turn("Confirm", with_caller(ipc::Json::object()));
  if (!reply.error.empty()) return report_refusal(context, error_of(reply));
  const auto number = reply.parameters.value("confirmed", history::Number{0});
  if (context.json)
    context.out << nlohmann::ordered_json{{"confirmed", number}}.dump(2) << '\n';
  else
    context.out << fmt::format("generation {} is confirmed\n", number);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kConfirmCommand{
    .name = "confirm",
    .summary = "keep what 'apply --confirm' put in force",
    .arguments = "",
    .usage =
        "Confirms the generation that waits, so that it stays in force. One whose time is over was taken back\n"
        "already, and there is nothing to confirm.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
