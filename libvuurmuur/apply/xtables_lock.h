// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <string>

#include "apply/kernel.h"

namespace vuurmuur::apply {

/// The file that iptables programs lock: $XTABLES_LOCKFILE, else /run/xtables.lock (iptables(8), option -w).
[[nodiscard]] std::string xtables_lock_path();

/// Takes the lock (flock, exclusive), waiting for as long as somebody else has it; after `patience` says so once.
/// The lock is held until the descriptor is closed.
[[nodiscard]] base::Result<base::UniqueFd> take_xtables_lock(const std::string& path, const Progress& progress,
                                                             std::chrono::milliseconds patience);

}  // namespace vuurmuur::apply
