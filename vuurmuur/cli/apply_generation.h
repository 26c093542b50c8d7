// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "apply/connection_review.h"
#include "cli/command.h"
#include "cli/lockout_warning.h"
#include "cli/service.h"

namespace vuurmuur::cli {

/// The options of commands that put a generation in force.
inline constexpr Option kConfirmOption{
    .name = "confirm",
    .argument = "SECONDS",
    .help = "go back after so many seconds unless 'vuurmuur confirm' comes; 0: do not (60 over SSH, else 0)",
    .implied = "60"};
inline constexpr Option kCommentOption{.name = "comment", .argument = "TEXT", .help = "why, for the history"};

/// What is wrong with the value of kConfirmOption, for the user.
[[nodiscard]] std::optional<std::string> wrong_confirm_option(const Arguments& arguments);

/// After what time the caller wants it back unless he confirms: kConfirmOption or, when that is not given, whether he
/// sits at a remote terminal.
[[nodiscard]] std::optional<std::chrono::seconds> confirm_time(const Arguments& arguments);

/// Calls a method that puts a generation in force, with who the caller is, by which connection, his comment and his
/// time to confirm. Tells him what was found in the configuration and when the rules refuse his connection, and with
/// `Ask`, when nothing would come back by itself, asks him then. Gives the answer, or the code to end with.
[[nodiscard]] std::expected<ipc::Json, ExitCode> ask_to_apply(Context& context, const Arguments& arguments,
                                                              Service& service, const std::string& method,
                                                              ipc::Json parameters, apply::LiveConnections connections,
                                                              OnLockout on_lockout);

/// Reports what the interface calls Applied.
ExitCode print_applied(Context& context, const Arguments& arguments, const ipc::Json& applied,
                       apply::LiveConnections connections);

}  // namespace vuurmuur::cli
