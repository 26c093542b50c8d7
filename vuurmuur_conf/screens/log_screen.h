// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What rules log, as it happens: by name, filtered, and with what can be done about it.
[[nodiscard]] std::unique_ptr<app::Screen> make_log();

}  // namespace vuurmuur::screens
