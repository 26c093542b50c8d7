// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/memory_file_system.h"

namespace vuurmuur::bench {

/// Which kinds of rule a generated policy may have besides accept, drop, reject and log.
struct Mix {
  bool queues = true;  ///< nfqueue, over 8 queues
  bool nat = true;     ///< portfw and masq
};

/// Rules over the objects of tree_of(), as they stand in rules.conf: the mix of a gateway. The same for the same
/// arguments each time.
[[nodiscard]] std::vector<std::string> generate_rules(std::uint32_t rules, const Mix& mix = {});

/// A configuration tree at "/tree" of these rules. Its objects: interfaces "if0" to "if7" (eth0 to eth7), network
/// "netN.zoneZ" (Z = N % 8) is 10.Z.N.0/24 for N from 0 to 49, its hosts "hostH" are .10 to .29, services "svc0" to
/// "svc39"; IPv6 everywhere beside IPv4.
[[nodiscard]] base::MemoryFileSystem tree_of(const std::vector<std::string>& rules);

/// A configuration tree at "/tree" with `rules` rules over 50 networks on 8 interfaces, 1,000 hosts and 40 services:
/// the mix of a gateway (mostly accept between hosts and networks, some drop, reject, log, nfqueue over 8 queues,
/// portfw and masq). Both families everywhere. The same tree for the same number each time.
[[nodiscard]] base::MemoryFileSystem generate_tree(std::uint32_t rules);

/// A configuration tree at "/tree" with so many rules of one kind: each accepts one service from a host of one network
/// to a host of another, no pair twice, both families.
[[nodiscard]] base::MemoryFileSystem host_pairs_tree(std::uint32_t pairs);

}  // namespace vuurmuur::bench
