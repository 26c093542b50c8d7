// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "base/memory_file_system.h"

namespace vuurmuur::bench {

/// A configuration tree at "/tree" with `rules` rules over 50 networks on 8 interfaces, 1,000 hosts and 40 services:
/// the mix of a gateway (mostly accept between hosts and networks, some drop, reject, log, nfqueue over 8 queues,
/// portfw and masq). Both families everywhere. The same tree for the same number each time.
[[nodiscard]] base::MemoryFileSystem generate_tree(std::uint32_t rules);

}  // namespace vuurmuur::bench
