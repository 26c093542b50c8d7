// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "cli/arguments.h"
#include "script/context.h"

namespace vuurmuur::script {

enum class WithoutDaemon { Warn, ApplyHere };

/// Puts a configuration in force: through the daemon when one runs that has this configuration, else as "vuurmuur
/// apply" does, or not at all with a warning. It needs no confirmation.
ExitCode apply(Context& context, const std::string& directory, const cli::Arguments& arguments, WithoutDaemon without);

}  // namespace vuurmuur::script
