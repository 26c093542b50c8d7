// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "apply/kernel.h"

namespace vuurmuur::apply {

/// The file that iptables programs lock: $XTABLES_LOCKFILE, else /run/xtables.lock (iptables(8), option -w).
[[nodiscard]] std::string xtables_lock_path();

/// Takes the lock (flock, exclusive), waiting while somebody else has it, but no longer than `patience`: then fails
/// with ETIMEDOUT and says who it is. After half a second of waiting tells so once. The lock is held until the
/// descriptor is closed.
[[nodiscard]] base::Result<base::UniqueFd> take_xtables_lock(const std::string& path, const Patience& patience,
                                                             const Progress& progress);

/// The same in steps, for whoever has something else to do meanwhile: the file, which takes no lock; the lock on it, false
/// while somebody else has it; and what is said when he did not let go of it in that time.
[[nodiscard]] base::Result<base::UniqueFd> open_xtables_lock(const std::string& path);
[[nodiscard]] base::Result<bool> try_xtables_lock(int fd, const std::string& path);
[[nodiscard]] base::Error locked_out(int fd, const std::string& path, std::chrono::milliseconds waited);

}  // namespace vuurmuur::apply
