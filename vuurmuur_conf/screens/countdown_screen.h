// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "app/screen.h"
#include "screens/reader.h"

namespace vuurmuur::screens {

/// A generation that was put in force just now and goes back after so many seconds unless it is confirmed. The daemon
/// counts; this shows it, and what became of it whoever decided.
[[nodiscard]] std::unique_ptr<app::Screen> make_countdown(app::Applied applied, std::int64_t seconds);

/// The one that waits by the model's status.
[[nodiscard]] std::unique_ptr<app::Screen> make_countdown(const app::Model& model);

/// Whether a screen is one of these.
[[nodiscard]] bool is_countdown(const app::Screen& screen);

/// What was found out while a generation was put in force, for people.
[[nodiscard]] std::vector<TextLine> remarks_on(const app::Applied& applied);

}  // namespace vuurmuur::screens
