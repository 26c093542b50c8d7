// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// How the firewall is: the daemon, what is in force and since when, what others did to it, and what goes through it.
[[nodiscard]] std::unique_ptr<app::Screen> make_status();

}  // namespace vuurmuur::screens
