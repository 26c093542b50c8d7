// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What rules log, as it happens: by name, filtered, and with what can be done about it.
[[nodiscard]] std::unique_ptr<app::Screen> make_log();

/// What is found in the stored log, the rotated files too. `filter` in the words of "vuurmuur log", with nothing wrong in it; `since` as its
/// option, or empty.
[[nodiscard]] std::unique_ptr<app::Screen> make_stored_log(std::string filter, std::string since);

}  // namespace vuurmuur::screens
