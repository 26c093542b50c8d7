// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>

#include "cli/command.h"

namespace vuurmuur::cli {

extern const Command kCheckCommand;
extern const Command kCompileCommand;
extern const Command kApplyCommand;
extern const Command kConfirmCommand;
extern const Command kRollbackCommand;
extern const Command kStatusCommand;
extern const Command kHistoryCommand;
extern const Command kShowCommand;
extern const Command kDiffCommand;
extern const Command kListCommand;
extern const Command kCountersCommand;
extern const Command kVolumeCommand;
extern const Command kMetricsCommand;
extern const Command kConnectionsCommand;
extern const Command kKillCommand;
extern const Command kLogCommand;
extern const Command kQueuesCommand;
extern const Command kBlockCommand;
extern const Command kUnblockCommand;
extern const Command kBaitCommand;
extern const Command kUnbaitCommand;
extern const Command kRespondCommand;
extern const Command kClearCommand;
extern const Command kRestoreCommand;
extern const Command kGuardCommand;
extern const Command kReceiveCommand;
extern const Command kDaemonCommand;
extern const Command kDoctorCommand;
extern const Command kExplainCommand;
extern const Command kAssertCommand;
extern const Command kServicesCommand;
extern const Command kHelpCommand;

/// All commands in the order in which help shows them.
[[nodiscard]] std::span<const Command* const> commands();

/// The command of that name, or null.
[[nodiscard]] const Command* find_command(std::string_view name);

/// The message for a name that is no command.
[[nodiscard]] std::string unknown_command(std::string_view name);

/// What --help prints for the program and for one command.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);

}  // namespace vuurmuur::cli
