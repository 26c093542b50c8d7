// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Who is blocked: the entries of the blocklist, and those whom the daemon blocks for a time.
[[nodiscard]] std::unique_ptr<app::Screen> make_blocklist();

}  // namespace vuurmuur::screens
