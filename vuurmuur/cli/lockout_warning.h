// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>

#include "apply/connection_review.h"
#include "cli/command.h"
#include "ipc/varlink.h"

namespace vuurmuur::cli {

/// What happens when new rules refuse the connection of whoever applies them.
enum class OnLockout : std::uint8_t {
  Warn,  ///< he is told: something comes back by itself, or he forces it, or only wants to know
  Ask,   ///< he is asked, and without a terminal it is not done
};

/// The parameter own_connection: the caller's own one, or null.
[[nodiscard]] ipc::Json own_connection_parameter();

/// Tells the caller what "lockout" and "lockout_unknown" of an answer say.
void tell_lockout(Context& context, const ipc::Json& answer, apply::LiveConnections connections);

/// Asks whether to apply rules that were told of by tell_lockout(). The exit code to stop with, or nothing to go on.
[[nodiscard]] std::optional<ExitCode> ask_despite_lockout(Context& context);

}  // namespace vuurmuur::cli
