// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <nlohmann/json.hpp>
#include <string>

#include "apply/connection_review.h"
#include "cli/command.h"

namespace vuurmuur::cli {

/// What is to become of live connections.
inline constexpr Option kConnectionsOption{
    .name = "connections",
    .argument = "keep|enforce|list",
    .help = "live connections that the rules refuse or send elsewhere: keep them, end or change them, or list them"};

/// Its value, Keep when it is not given; the error is a message for the user.
[[nodiscard]] std::expected<apply::LiveConnections, std::string> read_connections_option(const Arguments& arguments);

/// Says which connections the rules would treat otherwise, unless that was enforced, which the kernel refused to
/// change, and how many there are of each kind, from what control::json_of() gives.
void print_connections(Context& context, const nlohmann::ordered_json& report);

}  // namespace vuurmuur::cli
