// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "log/entry.h"

// An entry as one object of JSON in one line: {"time": "2026-11-23T22:51:07.123456Z", "action", "service", "from", "to",
// "from_zone", "to_zone", "prefix", "in", "out", "source", "source_port", "source_mac", "destination",
// "destination_port", "destination_mac", "protocol", "tcp_flags", "icmp_type", "icmp_code", "length", "ttl", "mark",
// "user", "rule", "place", "identity"}. What there is not is left out.
namespace vuurmuur::log {

/// Appends the object, without a line break.
void append_json(std::string& out, const Entry& entry);

/// Back; nothing when it is something else.
[[nodiscard]] std::optional<Entry> read_json_line(std::string_view line);

/// "2026-11-23T22:51:07.123456Z", and back.
void append_utc(std::string& out, Time time);
[[nodiscard]] std::optional<Time> utc_from(std::string_view text);

}  // namespace vuurmuur::log
