// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "app/machine.h"

namespace vuurmuur::conf {

/// The network devices, addresses (getifaddrs(3)), default routes and listening sockets (proc(5)) of this machine, and
/// the service files of a directory.
[[nodiscard]] app::Machine look_at_machine(const std::string& services);

}  // namespace vuurmuur::conf
