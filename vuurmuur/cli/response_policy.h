// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "respond/responder.h"

namespace vuurmuur::cli {

/// The statements of a file, and whom they never block, by the names of a configuration.
struct ResponsePolicy {
  respond::Responses responses;
  std::vector<net::Prefix> never;
};

/// Reads them. What is wrong is told on the error output; nothing then.
[[nodiscard]] std::optional<ResponsePolicy> read_response_policy(Context& context, const Arguments& arguments,
                                                                 const std::string& file,
                                                                 const std::string& configuration);

}  // namespace vuurmuur::cli
