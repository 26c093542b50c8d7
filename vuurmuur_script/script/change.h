// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "cli/arguments.h"
#include "script/context.h"
#include "script/request.h"

namespace vuurmuur::script {

/// Does what a request that changes the configuration asks for: reads, changes, checks and writes in one turn, notes it
/// in the audit log, and applies it when that is wished.
ExitCode change(Context& context, const Request& request, const cli::Arguments& arguments);

}  // namespace vuurmuur::script
