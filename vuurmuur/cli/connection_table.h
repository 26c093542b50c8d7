// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "control/connection_query.h"

namespace vuurmuur::cli {

/// The head of the table of connections, with the end of line.
[[nodiscard]] std::string_view connection_head();
/// Appends the line of a connection.
void append_line(const control::NamedConnection& named, std::string& to);
/// Of one that the daemon told (type LiveConnection of config/org.vuurmuur.Manager.varlink).
void append_line(const nlohmann::ordered_json& connection, std::string& to);

/// The same of groups; `what` they have alike.
[[nodiscard]] std::string group_head(std::string_view what);
void append_line(const control::ConnectionGroup& group, std::string& to);
[[nodiscard]] control::ConnectionGroup group_from(const nlohmann::ordered_json& group);

/// A number in at most five characters: "999", "12.3k", "4.5M".
[[nodiscard]] std::string short_number(std::uint64_t value);

}  // namespace vuurmuur::cli
