// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "cli/command.h"
#include "model/policy.h"

namespace vuurmuur::cli {

/// The option of commands that load rules.
inline constexpr Option kBackendOption{.name = "backend",
                                       .argument = "auto|xtables|nft",
                                       .help = "rule engine of the kernel; over BACKEND of config.conf"};

/// Its value, nothing when it is not given; the error is a message for the user.
[[nodiscard]] std::expected<std::optional<model::Backend>, std::string> read_backend_option(const Arguments& arguments);

}  // namespace vuurmuur::cli
