// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "history/journal.h"

namespace vuurmuur::cli {

/// Who runs the program. Behind sudo the person, as far as SUDO_USER tells. Over SSH also from where: SSH_CONNECTION of
/// this process or, because sudo takes it away, of one that started it (/proc/PID/environ).
[[nodiscard]] history::Actor caller();

/// Whether the caller sits at a terminal that he reached over SSH.
[[nodiscard]] bool is_remote_terminal(const history::Actor& caller);

}  // namespace vuurmuur::cli
