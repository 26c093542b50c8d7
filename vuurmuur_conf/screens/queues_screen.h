// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The queues of NFQUEUE: who listens, what waits, what was dropped, and which rules send there.
[[nodiscard]] std::unique_ptr<app::Screen> make_queues();

}  // namespace vuurmuur::screens
