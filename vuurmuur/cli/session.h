// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/state_directory.h"
#include "control/session.h"

namespace vuurmuur::cli {

using control::name_of;
using control::Session;

/// The turn, with the options of the command line.
[[nodiscard]] base::Result<std::unique_ptr<Session>> open_session(Context& context, const Arguments& arguments,
                                                                  history::Wait wait = history::Wait::No);

/// Says what was taken back and what is in force now.
void print_went_back(Context& context, const control::WentBack& back);

}  // namespace vuurmuur::cli
