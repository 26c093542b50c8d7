// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "apply/routing.h"
#include "base/result.h"

namespace vuurmuur::apply {

/// Devices, addresses and routing rules of the namespace that the thread is in.
[[nodiscard]] base::Result<RoutingFacts> read_routing_facts();

/// The route to each address, for packets of which nothing else is known: the one that the kernel finds in its tables
/// (RTM_F_FIB_MATCH), with all of its next hops.
[[nodiscard]] base::Result<std::vector<Route>> find_routes(std::span<const net::Address> destinations);

}  // namespace vuurmuur::apply
