// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include "cli/caller.h"
#include "cli/kernel_report.h"
#include "cli/session.h"
#include "commands/commands.h"

namespace vuurmuur::cli {
namespace {

constexpr std::array kOptions{kStateDirOption, kJsonOption};

ExitCode run(Context& context, const Arguments& arguments) {
  const auto session = open_session(context, arguments, history::Wait::Yes);
  if (!session) return report_refusal(context, session.error());
  const auto back = (*session)->manager().restore(caller());
  if (!back) return report_refusal(context, back.error());
  print_went_back(context, *back);
  return ExitCode::Done;
}

}  // namespace

constinit const Command kRestoreCommand{
    .name = "restore",
    .summary = "load the last confirmed generation, as at boot",
    .arguments = "",
    .usage = "Brings the kernel to exactly one generation, the last confirmed one, whatever state a crash or a reboot\n"
             "left: what was being applied or waited for its confirmation before the reboot is taken back. Reads the\n"
             "state directory only, never the configuration.",
    .options = kOptions,
    .max_positional = 0,
    .run = run,
};

}  // namespace vuurmuur::cli
