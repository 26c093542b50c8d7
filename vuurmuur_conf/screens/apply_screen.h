// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What applying would change, and the way to it: the draft is saved, the daemon puts it in force and counts down.
[[nodiscard]] std::unique_ptr<app::Screen> make_apply();

}  // namespace vuurmuur::screens
