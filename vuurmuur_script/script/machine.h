// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "script/context.h"

namespace vuurmuur::script {

/// A line for each address of the machine's devices: device, address, netmask, network and broadcast address, the
/// last two "0.0.0.0" where there are none; for IPv6 device, address, prefix length and network.
ExitCode list_devices(Context& context);

/// Where the program looks for things.
ExitCode list_paths(Context& context, const std::string& directory);

}  // namespace vuurmuur::script
