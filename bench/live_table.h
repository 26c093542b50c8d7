// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "base/result.h"

namespace vuurmuur::bench {

/// TCP connections between hosts of the policy and from them into the internet, each with addresses of its own as far
/// as there are enough, to the ports of the policy's services; every eighth with a queue in its mark. One in four is
/// IPv6.
[[nodiscard]] base::Result<void> fill_table(std::uint32_t connections);

}  // namespace vuurmuur::bench
