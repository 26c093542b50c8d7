// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The services. `name`: the one to begin at.
[[nodiscard]] std::unique_ptr<app::Screen> make_services(std::string name = "");

}  // namespace vuurmuur::screens
