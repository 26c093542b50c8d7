// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Saves the draft, and shows why when it is not saved: files that somebody else changed, new errors, a disk that
/// refuses. `on_saved` comes when the draft is on the disk.
[[nodiscard]] std::unique_ptr<app::Screen> make_saving(std::function<void(app::Context&)> on_saved);

}  // namespace vuurmuur::screens
