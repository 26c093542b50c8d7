// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "cli/command.h"
#include "model/policy.h"

namespace vuurmuur::cli {

/// config.conf of the configuration in a directory, as far as it can be read; what is wrong with it is told by "check".
[[nodiscard]] model::Settings settings_of(const Context& context, const std::string& directory);

}  // namespace vuurmuur::cli
