// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

#include "model/policy.h"
#include "net/ports.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Whether anybody may reach the SSH of this machine from elsewhere.
struct SshReach {
  std::vector<net::PortRange> ports;  ///< of TCP: those of the service "ssh", or 22
  bool is_closed = false;             ///< proven: no first packet to them is let in, in either family
  /// What takes them: rules that refuse them, and rules that send them to other machines. None: no rule takes them.
  std::vector<std::size_t> refused_by{}, redirected_by{};
};

/// Exact for what rules decide: what redirect rules turn to these ports is let in by these, what portfw, dnat and
/// bounce rules send elsewhere is not, and a rule with a limit or a chain of the user's may let anything in. Blocklist,
/// protections and what the user has in chains before ours are not looked at.
[[nodiscard]] SshReach ssh_reach(const model::Policy& model, const sema::Policy& policy);

/// Whether statements (assertion_syntax.h) say that it is meant so: "any never reaches firewall service ssh".
[[nodiscard]] bool wants_ssh_closed(std::string_view assertions);

}  // namespace vuurmuur::analyse
