// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "ir/ruleset.h"

namespace vuurmuur::ir {

/// What is wrong with a ruleset; empty when it is well formed. A mistake of the compiler, not of the user. Takes time
/// in proportion to the rules. Checked:
/// - chains that jumps name exist and are no built-in ones; no loop of jumps; own names begin with kOwnPrefix and
/// foreign
///   ones do not; names are unique, no longer than kMaxChainName and words to iptables; built-in chains come first and
///   hold only jumps to own chains, foreign chains nothing;
/// - a rule's addresses are of its family and in network form; interface names fit and are words; -o is not used in
/// chains reached from
///   PREROUTING or INPUT, nor -i in those reached from OUTPUT or POSTROUTING; origins exist;
/// - tcp, udp and icmp matches stand with their protocol; port ranges are in order; no match is empty or can never
/// hold;
///   mac, rpfilter and addrtype matches stand where the kernel takes them;
/// - targets stand in tables and hooks that allow them (nat targets in nat, CT in raw, REJECT in filter, MASQUERADE and
///   SNAT reached from POSTROUTING only, DNAT and REDIRECT from PREROUTING or OUTPUT, TCPMSS with a match of SYN), NAT
///   to ports and TCP resets with a protocol that has them; every write to the connection mark is within
///   `connmark_mask`; prefixes fit NFLOG; queue ranges are in order and not all 65,536;
/// - sets that rules ask exist, with the key they are asked by, in the last match; names are unique and fit; elements
/// have
///   the parts that the key says, no two overlap.
[[nodiscard]] std::vector<std::string> verify(const Ruleset& ruleset, std::uint32_t connmark_mask);

}  // namespace vuurmuur::ir
