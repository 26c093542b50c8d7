// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "apply/apply.h"
#include "base/result.h"
#include "cli/command.h"

namespace vuurmuur::cli {

/// As iptables has it: without a value for ever, and 0 does not wait at all.
inline constexpr Option kWaitOption{
    .name = "wait",
    .argument = "SECONDS",
    .help = "how long to wait for another program that holds the xtables lock (30; without a value for ever)",
    .implied = "forever"};

/// What apply and clear share: options from the command line, with progress on the terminal for what takes long. The
/// error is a message for the user.
[[nodiscard]] std::expected<apply::Options, std::string> kernel_options(Context& context, const Arguments& arguments);

/// Says that and why nothing was done, in JSON if asked for; gives the code back.
ExitCode report_failure(Context& context, std::string_view message, ExitCode code);

/// The same for a refusal of the kernel, with a hint when privileges are missing.
ExitCode report_refusal(Context& context, const base::Error& error);

/// Whether an error says that privileges are missing.
[[nodiscard]] bool is_missing_privilege(const base::Error& error);

/// Says what was done, and warns of what the user should know. `backend`: the engine that it was done in, if one.
void print_report(Context& context, const apply::Report& report, std::string_view done,
                  std::optional<apply::Backend> backend = std::nullopt);

}  // namespace vuurmuur::cli
