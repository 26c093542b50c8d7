// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "cli/command.h"

namespace vuurmuur::cli {

/// Options of "apply" for other machines.
inline constexpr Option kToOption{
    .name = "to",
    .argument = "HOST",
    .help = "apply on that machine, which ssh knows by this name, instead of on this one, which is called 'here'",
    .repeatable = true};
inline constexpr Option kToDirOption{
    .name = "to-dir", .argument = "DIR", .help = "the configuration directory there (the daemon's, or the usual one)"};

/// Applies one configuration on all machines that the command line names, each with a time to confirm: in force on all
/// of them, or taken back from all. Connections of this moment prove nothing, so it confirms by new ones.
ExitCode apply_to(Context& context, const Arguments& arguments);

}  // namespace vuurmuur::cli
