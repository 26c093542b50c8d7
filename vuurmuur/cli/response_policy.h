// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>

#include "cli/command.h"
#include "control/responses.h"

namespace vuurmuur::cli {

using control::ResponsePolicy;

/// Reads the statements of a file, and whom they never block, by the names of a configuration. What is wrong is told on
/// the error output; nothing then.
[[nodiscard]] std::optional<ResponsePolicy> read_response_policy(Context& context, const Arguments& arguments,
                                                                 const std::string& file,
                                                                 const std::string& configuration);

}  // namespace vuurmuur::cli
