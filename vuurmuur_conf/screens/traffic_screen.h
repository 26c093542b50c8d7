// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What flows: rates, volumes and the last minutes of interfaces, zones and rules.
[[nodiscard]] std::unique_ptr<app::Screen> make_traffic();

}  // namespace vuurmuur::screens
