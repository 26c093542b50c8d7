// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/state_directory.h"
#include "control/checked_policy.h"

namespace vuurmuur::cli {

using control::check_tree;
using control::CheckedPolicy;

/// The directory that a command is about: its argument, or the installed default.
[[nodiscard]] std::string directory_of(const Arguments& arguments);

/// What is wrong with the directory that the command line names, when it cannot have been meant as a configuration: it is
/// mistyped. Nothing when it can, or none is named.
[[nodiscard]] std::optional<std::string> mistyped_directory(const Context& context, const Arguments& arguments);

/// What DNS said last of names, by the state directory. Nobody is asked.
[[nodiscard]] control::NameSource known_names(Context& context, const Arguments& arguments);

/// Writes the diagnostics, if there are any, to the error output.
void print_diagnostics(Context& context, const CheckedPolicy& checked);

}  // namespace vuurmuur::cli
