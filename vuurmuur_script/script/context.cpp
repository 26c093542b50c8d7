// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/context.h"

#include <unistd.h>

#include "cli/terminal.h"

namespace vuurmuur::script {

void tell(Context& context, std::string_view kind, std::string_view message) {
  const bool colour = cli::style_for(cli::Colour::Auto, STDERR_FILENO) == diag::Style::Colour;
  const std::string_view begin = !colour ? "" : kind == "error" ? "\033[1;31m" : "\033[1;33m";
  context.err << "vuurmuur_script: " << begin << kind << ':' << (colour ? "\033[0m" : "") << ' ' << message << '\n';
}

ExitCode fail(Context& context, ExitCode code, std::string_view message) {
  tell(context, "error", message);
  return code;
}

ExitCode fail(Context& context, const base::Error& error) { return fail(context, ExitCode::Failed, error.message); }

ExitCode fail(Context& context, const edit::Refusal& refusal) {
  using Why = edit::Refusal::Why;
  switch (refusal.why) {
    case Why::Wrong: return fail(context, ExitCode::Usage, refusal.message);
    case Why::NotFound: return fail(context, ExitCode::NotFound, refusal.message);
    case Why::Exists: return fail(context, ExitCode::Exists, refusal.message);
    case Why::InUse: return fail(context, ExitCode::Failed, refusal.message);
  }
  return ExitCode::Internal;
}

}  // namespace vuurmuur::script
