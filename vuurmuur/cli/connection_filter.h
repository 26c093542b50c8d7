// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <expected>
#include <optional>
#include <string>

#include "cli/command.h"
#include "control/in_force.h"
#include "filter/filter.h"
#include "net/address.h"

namespace vuurmuur::cli {

inline constexpr Option kFamilyOption{.name = "family", .argument = "4|6", .help = "connections of one family only"};

/// More words than a filter has room for.
inline constexpr std::size_t kMostFilterWords = 10'000;

/// The words of a command line as the text of a filter.
[[nodiscard]] std::string filter_text(const Arguments& arguments);

/// Reads them. What is wrong is written with its place, and the exit code is given.
[[nodiscard]] std::expected<filter::Filter, ExitCode> read_filter(Context& context, const Arguments& arguments,
                                                                  const control::InForce& in_force);

/// The value of --family; the error is a message for the user.
[[nodiscard]] std::expected<std::optional<net::Family>, std::string> read_family(const Arguments& arguments);

}  // namespace vuurmuur::cli
