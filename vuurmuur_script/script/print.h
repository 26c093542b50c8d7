// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "script/context.h"
#include "script/request.h"

namespace vuurmuur::script {

/// -L, -P and --list-blocked: what is in the configuration.
ExitCode print(Context& context, const Request& request);

}  // namespace vuurmuur::script
