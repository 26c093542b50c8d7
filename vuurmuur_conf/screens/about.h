// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What this program is, under which licence, and which daemon it speaks to.
[[nodiscard]] std::unique_ptr<app::Screen> make_about();

}  // namespace vuurmuur::screens
