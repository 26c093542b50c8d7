// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// What somebody else did to the files that the draft was made on, beside what the draft does to them: what does not
/// meet is put together, what does is decided one by one. Reads the files first; without a draft, or when nothing was
/// changed, that is all.
[[nodiscard]] std::unique_ptr<app::Screen> make_conflict();

}  // namespace vuurmuur::screens
