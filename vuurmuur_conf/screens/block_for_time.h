// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// Asks for how long an address or network is blocked, and has the daemon do it at once. `on_call`: the request, whose
/// Reply tells what became of it.
[[nodiscard]] std::unique_ptr<app::Screen> make_block_for_time(
    std::string address, std::function<void(app::Context&, app::RequestId)> on_call);

}  // namespace vuurmuur::screens
