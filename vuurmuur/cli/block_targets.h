// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "net/address.h"

namespace vuurmuur::cli {

/// Where names of hosts, groups and networks are looked up.
inline constexpr Option kConfigOption{
    .name = "config", .argument = "DIR", .help = "configuration that names are looked up in (" VUURMUUR_CONFIG_DIR ")"};

/// Who is meant: addresses and networks as they are written, and the names of hosts, groups and networks of the
/// configuration, which is read only when there is a name; `configuration` is that of the configuration when kConfigOption
/// is not given. In network form, each once. The error is a message for the user.
[[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> block_targets(Context& context,
                                                                                 const Arguments& arguments,
                                                                                 const std::string& configuration);

/// "90s", "10m", "2h", "7d"; a number alone is seconds. Nothing when it is none of these, or 0.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "1d 2h", "10m", "9m 58s": at most two units, rounded up to seconds.
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace vuurmuur::cli
