// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/kernel.h"

namespace vuurmuur::apply {

/// A table as its raw bytes, by IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES (linux/netfilter_ipv4/ip_tables.h).
[[nodiscard]] base::Result<TableSnapshot> read_snapshot(net::Family family, ir::TableName table);

/// Puts the raw bytes back (IPT_SO_SET_REPLACE), then their counters (IPT_SO_SET_ADD_COUNTERS). What the kernel keeps
/// besides, like the fill of a limit's bucket, begins anew.
[[nodiscard]] base::Result<void> write_snapshot(const TableSnapshot& snapshot);

/// Whether the kernel has a match or target in a revision (IPT_SO_GET_REVISION_MATCH, _TARGET); loads its module if it
/// can.
[[nodiscard]] bool has_extension(net::Family family, const Extension& extension);

/// Whether sockets of the family can be made at all.
[[nodiscard]] bool has_sockets(net::Family family);

/// Asks the kernel to load ip_tables or ip6_tables when it has not got it; nothing happens when that fails.
void load_tables_module(net::Family family);

}  // namespace vuurmuur::apply
