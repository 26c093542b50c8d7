// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace vuurmuur::history {

enum class Wait : std::uint8_t { No, Yes };

/// The turn of a process that changes the generations: an exclusive flock(2) on DIRECTORY/lock, which is made when
/// missing. Given up when the descriptor is closed, or the process ends. Error code EWOULDBLOCK when another process
/// has its turn and this one does not wait, but for a quarter of a second, in which who only looks is through.
[[nodiscard]] base::Result<base::UniqueFd> take_store_lock(const std::string& directory, Wait wait);

/// The same on a file of that name in DIRECTORY, for something that has turns of its own.
[[nodiscard]] base::Result<base::UniqueFd> take_file_lock(const std::string& directory, const std::string& name,
                                                          Wait wait);

}  // namespace vuurmuur::history
