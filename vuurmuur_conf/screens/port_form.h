// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/screen.h"
#include "model/objects.h"

namespace vuurmuur::screens {

/// Asks for ports in a window: a protocol, and what belongs to it.
[[nodiscard]] std::unique_ptr<app::Screen> make_port_form(
    std::string title, std::optional<model::PortSet> ports,
    std::function<void(app::Context&, const model::PortSet&)> on_ports);

}  // namespace vuurmuur::screens
