// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// All that is wrong with the configuration as it is edited, with the lines that it is about.
[[nodiscard]] std::unique_ptr<app::Screen> make_diagnostics();

/// Whether the configuration is such that the program should begin with make_diagnostics(): it has errors, or cannot
/// be read.
[[nodiscard]] bool needs_attention(const app::Model& model);

}  // namespace vuurmuur::screens
