// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/daemon_client.h"
#include "cli/lockout_warning.h"
#include "cli/session.h"
#include "control/manager.h"

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

/// Puts a generation in force and reports it. Sets Request::confirm from kConfirmOption or, when that is not given, from
/// whether the caller sits at a remote terminal. Whom the rules refuse is warned, or asked when `on_lockout` says so and
/// nothing would come back by itself.
ExitCode apply_generation(Context& context, const Arguments& arguments, Session& session, control::Request request,
                          OnLockout on_lockout);

/// The daemon applies its configuration and reports it. Whoever came from elsewhere has to confirm it, also without a
/// terminal, unless he says otherwise: the daemon does not know by which connection he sits here.
ExitCode apply_through(Context& context, const Arguments& arguments, DaemonClient& daemon);

}  // namespace vuurmuur::cli
