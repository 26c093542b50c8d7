// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "cli/kernel_report.h"
#include "cli/question.h"
#include "cli/service.h"
#include "cli/state_directory.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{
    Option{.name = "yes", .argument = "", .help = "do not ask"},
    kStateDirOption,
    kWaitOption,
    kJsonOption,
};

constexpr std::string_view kQuestion =
    "This opens the firewall: all rules of Vuurmuur go, and what nobody else forbids may pass.\nGo on?";

ExitCode run(Context& context, const Arguments& arguments) {
  if (const auto load = kernel_options(context, arguments); !load)
    return usage_error(context, kClearCommand, load.error());
  if (!arguments.has("yes")) {
    if (!is_terminal(STDIN_FILENO)) {
      return report_failure(context, "this opens the firewall and there is nobody to ask; --yes clears it all the same",
                            ExitCode::NeedsPerson);
    }
    if (!ask(context, kQuestion)) return report_failure(context, "nothing was changed", ExitCode::NeedsPerson);
  }
  Service service = Service::find(context, arguments);
  const ipc::Reply reply =
      service.ask_in_turn("Clear", with_wait(service, arguments, with_caller(ipc::Json::object())));
  if (!reply.error.empty()) return report_refusal(context, error_of(reply));
  try {
    const ipc::Json& answer = reply.parameters;
    print_report(context,
                 {.warnings = answer.at("warnings").get<std::vector<std::string>>(),
                  .rules = answer.at("rules").get<std::size_t>(),
                  .ended_connections = answer.at("ended_connections").get<std::size_t>()},
                 "the firewall is open: no rule of Vuurmuur is left in the kernel");
  } catch (const ipc::Json::exception&) {
    return report_refusal(context, strange_answer().error());
  }
  return ExitCode::Done;
}

}  // namespace

constinit const Command kClearCommand{
    .name = "clear",
    .summary = "take all rules out of the kernel: this opens the firewall",
    .arguments = "",
    .usage =
        "Removes the chains of Vuurmuur and the jumps to them, and puts policies and kernel settings back. Chains\n"
        "of others and the user's own PRE-VRMR-* chains stay. Asks first; without a terminal it needs --yes.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
