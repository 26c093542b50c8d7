// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "apply/choose_backend.h"
#include "cli/command.h"
#include "model/policy.h"

namespace vuurmuur::cli {

/// The option of commands that load rules.
inline constexpr Option kBackendOption{.name = "backend",
                                       .argument = "auto|xtables|nft",
                                       .help = "rule engine of the kernel; over BACKEND of config.conf"};

/// Its value, nothing when it is not given; the error is a message for the user.
[[nodiscard]] std::expected<std::optional<model::Backend>, std::string> read_backend_option(const Arguments& arguments);

[[nodiscard]] apply::BackendWish backend_wish(model::Backend setting);

/// Looks at what the kernel can do and holds, and chooses the engine for a ruleset. `force` accepts rules of others in
/// the other engine.
[[nodiscard]] base::Result<apply::BackendChoice> choose_engine(apply::Kernel& kernel, model::Backend wish,
                                                               const ir::Ruleset& ruleset, bool force);

}  // namespace vuurmuur::cli
