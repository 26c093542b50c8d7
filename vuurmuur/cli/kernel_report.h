// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "apply/apply.h"
#include "base/result.h"
#include "cli/command.h"
#include "history/journal.h"

namespace vuurmuur::cli {

inline constexpr Option kCommentsOption{
    .name = "comments",
    .argument = "",
    .help = "rules of xtables with their origin as a comment, however many they are"};
inline constexpr Option kNoCommentsOption{
    .name = "no-comments", .argument = "", .help = "rules without their origin as a comment"};

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

/// What a report is about besides the rules.
struct ReportDetails {
  std::optional<apply::Backend> backend = {};           ///< the engine that it was done in, if one
  std::optional<history::Number> generation = {};       ///< that is in force now
  std::optional<std::chrono::seconds> confirm = {};     ///< in which it wants to be confirmed
  std::optional<history::Number> goes_back_to = {};     ///< otherwise
  const nlohmann::ordered_json* connections = nullptr;  ///< what became of live connections, if that was asked
};

/// Says what was done, and warns of what the user should know.
void print_report(Context& context, const apply::Report& report, std::string_view done,
                  const ReportDetails& details = {});

}  // namespace vuurmuur::cli
