// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "base/result.h"
#include "base/unique_fd.h"

namespace vuurmuur::apply {

/// A socket that can be read when a device comes, goes, or is renamed, and when one gets or loses an address
/// (rtnetlink(7), its groups for links and addresses), in the namespace that the thread is in. Never blocks.
[[nodiscard]] base::Result<base::UniqueFd> open_route_events();

/// Takes up all events that are there.
void drain_route_events(int fd);

}  // namespace vuurmuur::apply
