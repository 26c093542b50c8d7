// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What was put in force when and by whom: shown, compared, and brought back.
[[nodiscard]] std::unique_ptr<app::Screen> make_history();

}  // namespace vuurmuur::screens
