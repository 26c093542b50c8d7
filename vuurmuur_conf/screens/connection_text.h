// SPDX-License-Identifier: GPL-2.0-or-later
// Live connections for people, and as what a filter asks.
#pragma once
#include <string>
#include <vector>

#include "app/live_connection.h"
#include "screens/reader.h"

namespace vuurmuur::screens {

/// "web.dmz", or the address where the policy has no name.
[[nodiscard]] std::string end_name(const app::ConnectionEnd& end);
/// "TCP", "PROTO 132".
[[nodiscard]] std::string protocol_name(std::int64_t protocol);
/// "queue 7", "group 3", "mark 0x10"; empty for a plain connection without a mark.
[[nodiscard]] std::string mark_text(const app::LiveConnection& connection);
/// "192.0.2.7:4711 -> 198.51.100.1:443 TCP established, seen as 203.0.113.2:4711".
[[nodiscard]] std::string flow_text(const app::LiveConnection& connection);
/// Everything that is known of one.
[[nodiscard]] std::vector<TextLine> connection_details(const app::LiveConnection& connection, std::int64_t now);
/// A filter that lets it through, and hardly another: both ends, ports and protocol.
[[nodiscard]] std::string filter_of(const app::LiveConnection& connection);

}  // namespace vuurmuur::screens
