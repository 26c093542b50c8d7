// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Gives a file of the tree to the user's own editor. Afterwards the files are read again; with a draft, what changed
/// is offered to be merged.
[[nodiscard]] std::unique_ptr<app::Screen> make_editing(std::string path, std::uint32_t line);

}  // namespace vuurmuur::screens
