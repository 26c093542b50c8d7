// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/kernel_table.h"

namespace vuurmuur::apply {

/// While the first ruleset is loaded, or one over what a killed transaction left, a guard stands in front of the filter
/// chains: it drops new connections, so that no mix of old and new tables lets one in that neither generation allows.
/// Established connections flow on.
///
/// Puts the guard in front of INPUT, FORWARD and OUTPUT of a filter table, in memory; once is enough.
[[nodiscard]] base::Result<void> insert_guard(KernelTable& filter, net::Family family);

/// Whether an entry is a guard's, perhaps left over by a process that was killed.
[[nodiscard]] bool is_guard(net::Family family, const void* entry, std::string_view target);

}  // namespace vuurmuur::apply
