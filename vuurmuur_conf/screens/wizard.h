// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The first configuration, proposed from what the machine is connected to. Becomes a step of the draft.
[[nodiscard]] std::unique_ptr<app::Screen> make_wizard();

/// Whether there is nothing yet: no rule and no zone.
[[nodiscard]] bool is_unconfigured(const app::Model& model);

}  // namespace vuurmuur::screens
