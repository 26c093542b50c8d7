// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>

#include "apply/kernel_table.h"

namespace vuurmuur::apply {

/// Reads a table of this network namespace with libiptc: the second implementation, which tests hold the own one of
/// blob_table.h against. Counters of rules that go on in a new entry are those at the time of reading; what is counted
/// between reading and commit is lost. Errors are in plain words: no CAP_NET_ADMIN, no ip_tables, no
/// such table.
[[nodiscard]] base::Result<std::unique_ptr<KernelTable>> open_iptc_table(net::Family family, ir::TableName table);

}  // namespace vuurmuur::apply
