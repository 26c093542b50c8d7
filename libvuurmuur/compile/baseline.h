// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "ir/ruleset.h"
#include "net/address.h"

namespace vuurmuur::compile {

/// What a machine may do that has no configuration: loopback, connections that are there, the ICMPv6 that a link cannot
/// live without (RFC 4890), its own DHCP and DHCPv6 (RFC 2131, RFC 8415), and new connections from these addresses to this
/// machine. Everything else is dropped, in all directions.
[[nodiscard]] ir::Ruleset baseline(const std::vector<net::Prefix>& management);

}  // namespace vuurmuur::compile
