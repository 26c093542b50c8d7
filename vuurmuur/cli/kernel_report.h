// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

#include "apply/apply.h"
#include "base/result.h"
#include "cli/command.h"

namespace vuurmuur::cli {

/// What apply and clear share: options from the command line, with progress on the terminal for what takes long.
[[nodiscard]] apply::Options kernel_options(Context& context, const Arguments& arguments);

/// Says that and why nothing was done, in JSON if asked for; gives the code back.
ExitCode report_failure(Context& context, std::string_view message, ExitCode code);

/// The same for a refusal of the kernel, with a hint when privileges are missing.
ExitCode report_refusal(Context& context, const base::Error& error);

/// Says what was done, and warns of what the user should know.
void print_report(Context& context, const apply::Report& report, std::string_view done);

}  // namespace vuurmuur::cli
