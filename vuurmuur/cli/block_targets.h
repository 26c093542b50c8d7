// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"
#include "net/address.h"

namespace vuurmuur::cli {

/// Where names of hosts, groups and networks are looked up.
inline constexpr Option kConfigOption{
    .name = "config", .argument = "DIR", .help = "configuration that names are looked up in (" VUURMUUR_CONFIG_DIR ")"};

/// Who is meant by words: addresses and networks as they are written, and the full names of hosts, groups and networks
/// of the configuration, which is read only when there is a name; `configuration` is its directory when kConfigOption
/// is not given. In network form, each once. The error is a message for the user.
[[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> prefixes_named(Context& context,
                                                                                  const Arguments& arguments,
                                                                                  std::span<const std::string> words,
                                                                                  const std::string& configuration);

/// The same of the words of a command line, where there is one at least and nobody means everybody.
[[nodiscard]] std::expected<std::vector<net::Prefix>, std::string> block_targets(Context& context,
                                                                                 const Arguments& arguments,
                                                                                 const std::string& configuration);

}  // namespace vuurmuur::cli
