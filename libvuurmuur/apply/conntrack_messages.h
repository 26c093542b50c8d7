// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "apply/live_connection.h"
#include "apply/tracked_connection.h"

namespace vuurmuur::apply {

// What is said to conntrack and by it (linux/netfilter/nfnetlink_conntrack.h), without a socket.

/// The entry that a message of a listing is about; nothing for what has no addresses that we know.
[[nodiscard]] std::optional<LiveConnection> decode_connection(const nlmsghdr* message);

/// The same with all that it tells, also of a message that says that an entry has come or gone.
[[nodiscard]] std::optional<TrackedConnection> decode_tracked(const nlmsghdr* message);

/// Appends the request for a change, without a wish for an acknowledgement; the kernel answers what it refuses. An end
/// names the entry by its id as well: ENOENT when it has ended by itself, whatever has its tuple now. A mark is written
/// through its mask in the kernel, so that other bits stay what they are at that moment.
void append_change(std::vector<char>& batch, const ConnectionChange& change, std::uint32_t sequence);

/// The request for a listing of entries.
[[nodiscard]] std::vector<char> listing_request(std::uint32_t sequence, const ConnectionSelection& selection = {});

}  // namespace vuurmuur::apply
