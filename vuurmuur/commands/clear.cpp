// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <array>

#include "cli/caller.h"
#include "cli/kernel_report.h"
#include "cli/question.h"
#include "cli/session.h"
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
  const auto session = open_session(context, arguments, history::Wait::Yes);
  if (!session) return report_refusal(context, session.error());
  const auto report = (*session)->manager().clear(caller());
  if (!report) return report_refusal(context, report.error());
  print_report(context, *report, "the firewall is open: no rule of Vuurmuur is left in the kernel");
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
