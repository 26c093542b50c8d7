// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>

#include "cli/command.h"

namespace vuurmuur::cli {

/// The option of commands that read or write what the program remembers. Also the variable VUURMUUR_STATE_DIR.
inline constexpr Option kStateDirOption{
    .name = "state-dir",
    .argument = "DIR",
    .help = "generations, known names and former kernel settings (/var/lib/vuurmuur and /run/vuurmuur)"};

/// The directory that the user named, for both; nothing when he named none.
[[nodiscard]] std::optional<std::string> named_state_directory(const Arguments& arguments);

/// Where generations are kept, over a reboot.
[[nodiscard]] std::string state_directory(const Arguments& arguments);
/// Where that is kept which a reboot forgets (apply::Options::state_directory).
[[nodiscard]] std::string runtime_directory(const Arguments& arguments);

}  // namespace vuurmuur::cli
