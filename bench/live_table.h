// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>

#include "base/result.h"

namespace vuurmuur::bench {

/// TCP connections between hosts of the policy and from them into the internet, each with addresses of its own as far
/// as there are enough, to the ports of the policy's services; every eighth with a queue in its mark. One in four is
/// IPv6. Exactly so many; with another `series`, of 0 to 63, they are others.
[[nodiscard]] base::Result<void> fill_table(std::uint32_t connections, unsigned series = 0);

/// So many the kernel keeps in each network namespace (nf_conntrack_max is compared with the namespace's own count);
/// nothing when it does not say.
[[nodiscard]] std::optional<std::uint32_t> most_connections();

}  // namespace vuurmuur::bench
