// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Live connections: by name, ordered, grouped, filtered, and ended.
[[nodiscard]] std::unique_ptr<app::Screen> make_connections();

}  // namespace vuurmuur::screens
