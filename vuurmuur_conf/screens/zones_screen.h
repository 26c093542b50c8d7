// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>

#include "app/screen.h"
#include "edit/object.h"

namespace vuurmuur::screens {

/// Zones, their networks, and hosts and groups of these, as columns: what they are in, they, and what is in the
/// selected one. `at`: the object to begin at.
[[nodiscard]] std::unique_ptr<app::Screen> make_zones(std::optional<edit::Object> at = std::nullopt);

}  // namespace vuurmuur::screens
