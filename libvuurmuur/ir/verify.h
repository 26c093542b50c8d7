// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::ir {

/// What is wrong with a ruleset; empty when it is well formed. A mistake of the compiler, not of the user. Checked:
/// chains that jumps name exist and are no built-in ones; no loop of jumps; own names begin with kOwnPrefix and names
/// are unique and no longer than kMaxChainName; a rule's addresses are of its family and in network form; tcp, udp and
/// icmp matches stand with their protocol; targets stand in tables and hooks that allow them (nat targets in nat, CT in
/// raw, REJECT in filter, MASQUERADE and SNAT reached from POSTROUTING, DNAT and REDIRECT from PREROUTING or OUTPUT);
/// -o is not used in chains reached from PREROUTING or INPUT, nor -i in those reached from OUTPUT or POSTROUTING;
/// every write to the connection mark is within `connmark_mask`; prefixes fit NFLOG; origins exist; queue ranges are
/// in order; built-in chains hold only jumps to own chains.
[[nodiscard]] std::vector<std::string> verify(const Ruleset& ruleset, std::uint32_t connmark_mask);

}  // namespace vuurmuur::ir
