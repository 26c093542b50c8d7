// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>

#include "app/screen.h"

namespace vuurmuur::screens {

/// The ports of a service, one set a row: protocol with ports, or ICMP type and code.
[[nodiscard]] std::unique_ptr<app::Screen> make_ports(std::string service);

}  // namespace vuurmuur::screens
