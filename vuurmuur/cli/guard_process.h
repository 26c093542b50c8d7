// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/result.h"

namespace vuurmuur::cli {

/// Starts the program anew, as a process of its own that outlives this one and its terminal: it waits for its turn, and
/// takes back what nobody confirms in time ("vuurmuur guard"). To be started before what it guards, by the process that
/// has the turn: should that one die in the middle, the guard cleans up at once.
[[nodiscard]] base::Result<void> start_guard(const std::string& state_directory, bool is_default_directory);

}  // namespace vuurmuur::cli
