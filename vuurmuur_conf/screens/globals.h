// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>

#include "app/binding.h"

namespace vuurmuur::screens {

/// The actions of every screen: back, help, undo, apply, quit.
[[nodiscard]] std::span<const app::Binding> globals();

}  // namespace vuurmuur::screens
