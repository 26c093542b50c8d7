// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The interfaces. `name`: the one to begin at.
[[nodiscard]] std::unique_ptr<app::Screen> make_interfaces(std::string name = "");

}  // namespace vuurmuur::screens
