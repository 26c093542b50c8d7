// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

#include "cli/command.h"

namespace vuurmuur::cli {

/// Asks the person at standard input; anything but "y" and "yes" is no.
[[nodiscard]] bool ask(Context& context, std::string_view question);

}  // namespace vuurmuur::cli
