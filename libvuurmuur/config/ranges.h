// SPDX-License-Identifier: GPL-2.0-or-later
// Ports, protocols and ICMP types as services and rules write them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "diag/diagnostic.h"
#include "model/objects.h"
#include "net/ports.h"

namespace vuurmuur::config {

/// "80", "80:90", "0" for any. Each reader takes a part of a value, for the place in messages.
[[nodiscard]] std::optional<net::PortRange> read_ports(const Value& value, std::string_view part, diag::Sink& sink);
/// The same for a service: any port is "0". Port 0 alone cannot be written.
[[nodiscard]] std::string ports_to_text(const net::PortRange& ports);

/// "6;80:81*1024:65535", "1;8*0", "47;0*0"; an ICMP type or code that is "any" means all of them.
[[nodiscard]] std::optional<model::PortSet> read_range(const Value& value, diag::Sink& sink);
[[nodiscard]] std::string range_to_text(const model::PortSet& ports);

/// "80*1024:65535": destination and source ports of a known protocol; without '*' any source.
[[nodiscard]] std::optional<model::PortSet> read_port_pair(const Value& value, std::string_view part,
                                                           net::Protocol protocol, diag::Sink& sink);

/// "8:0" or "8*0": ICMP type and code.
[[nodiscard]] std::optional<model::PortSet> read_icmp(const Value& value, std::string_view part, char separator,
                                                      net::Protocol protocol, diag::Sink& sink);

}  // namespace vuurmuur::config
