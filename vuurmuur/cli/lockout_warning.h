// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>

#include "apply/connection_review.h"
#include "apply/kernel.h"
#include "cli/command.h"

namespace vuurmuur::cli {

/// What happens when new rules refuse the connection of whoever applies them.
enum class OnLockout : std::uint8_t {
  Warn,  ///< he is told: something comes back by itself, or he forces it, or only wants to know
  Ask,   ///< he is asked, and without a terminal it is not done
};

/// Tells the caller when rules that are to be loaded refuse his own connection. The exit code to stop with, or nothing
/// to go on.
[[nodiscard]] std::optional<ExitCode> warn_of_lockout(Context& context, apply::Kernel& kernel,
                                                      const ir::Ruleset& ruleset, apply::Backend backend,
                                                      apply::LiveConnections connections, OnLockout what);

}  // namespace vuurmuur::cli
