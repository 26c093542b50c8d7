// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/lockout_warning.h"

#include <unistd.h>

#include "cli/kernel_report.h"
#include "cli/question.h"
#include "control/own_connection.h"

namespace vuurmuur::cli {

std::optional<ExitCode> warn_of_lockout(Context& context, apply::Kernel& kernel, const ir::Ruleset& ruleset,
                                        apply::Backend backend, apply::LiveConnections connections, OnLockout what) {
  const auto own = control::own_connection();
  if (!own) return std::nullopt;
  const auto lockout = control::lockout(kernel, ruleset, backend, *own);
  if (!lockout) {
    tell(context, "warning",
         "whether the new rules refuse your own connection is not known: " + lockout.error().message);
    return std::nullopt;
  }
  if (lockout->empty()) return std::nullopt;
  tell(context, "warning", *lockout);
  tell(context, "warning",
       connections == apply::LiveConnections::Enforce
           ? "--connections=enforce ends it"
           : "it goes on while it lasts, and another like it does not get in");
  if (what == OnLockout::Warn) return std::nullopt;
  if (!is_terminal(STDIN_FILENO))
    return report_failure(context,
                          "this would lock you out and there is nobody to ask; --confirm goes back by itself, --force "
                          "applies it all the same",
                          ExitCode::NeedsPerson);
  if (ask(context, "Apply it all the same?")) return std::nullopt;
  return report_failure(context, "nothing was changed", ExitCode::NeedsPerson);
}

}  // namespace vuurmuur::cli
