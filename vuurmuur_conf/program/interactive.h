// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "app/app.h"
#include "program/files.h"
#include "program/options.h"

namespace vuurmuur::conf {

/// The program as it begins: the tree read, the first screen there.
[[nodiscard]] app::App make_app(const Options& options, TreeFiles& files);

/// A session at the terminal, until the user or a signal ends it. Gives the exit status.
[[nodiscard]] int run_interactive(const Options& options, TreeFiles& files);

}  // namespace vuurmuur::conf
