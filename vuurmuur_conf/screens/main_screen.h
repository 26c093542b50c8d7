// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The first screen: how the firewall is, and the ways to the others.
[[nodiscard]] std::unique_ptr<app::Screen> make_main();

}  // namespace vuurmuur::screens
