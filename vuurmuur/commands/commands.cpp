// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/commands.h"

#include <array>

namespace vuurmuur::cli {
namespace {

constexpr std::array kCommands{
    &kCheckCommand,    &kExplainCommand, &kAssertCommand,  &kCompileCommand,     &kApplyCommand,  &kConfirmCommand,
    &kRollbackCommand, &kStatusCommand,  &kHistoryCommand, &kShowCommand,        &kDiffCommand,   &kListCommand,
    &kCountersCommand, &kVolumeCommand,  &kMetricsCommand, &kConnectionsCommand, &kKillCommand,   &kQueuesCommand,
    &kLogCommand,      &kBlockCommand,   &kUnblockCommand, &kBaitCommand,        &kUnbaitCommand, &kRespondCommand,
    &kClearCommand,    &kRestoreCommand, &kGuardCommand,   &kReceiveCommand,     &kDaemonCommand, &kDoctorCommand,
    &kServicesCommand, &kHelpCommand};

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

std::string unknown_command(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command* command : kCommands) names.push_back(command->name);
  return "unknown command '" + std::string(name) + "'" + did_you_mean(name, names);
}

}  // namespace vuurmuur::cli
