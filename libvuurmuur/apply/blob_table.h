// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "apply/kernel_table.h"

namespace vuurmuur::apply {

/// Reads a table of this network namespace and writes it in our own code: one IPT_SO_SET_REPLACE for the whole table,
/// then the counters that the kernel gave for the entries that went, added to those that go on from them
/// (IPT_SO_SET_ADD_COUNTERS). No packet that was counted is lost from the count, also while traffic flows.
///
/// Another program's change between reading and commit gives EAGAIN. The kernel itself notices one when the number of
/// entries differs; for others the table is read again right before the exchange and compared, all but the counters.
/// What is left is the time from this second reading to the exchange in the kernel, a few microseconds for each
/// thousand rules; the xtables lock closes it for every program that takes the lock, as all of iptables do.
///
/// Errors of opening are in plain words: no CAP_NET_ADMIN, no ip_tables, no such table.
[[nodiscard]] base::Result<std::unique_ptr<KernelTable>> open_blob_table(net::Family family, ir::TableName table);

}  // namespace vuurmuur::apply
