// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "apply/kernel_table.h"
#include "base/result.h"
#include "ir/ruleset.h"
#include "process.h"

namespace vuurmuur::bench {

// The kernel's own part of a load into ip_tables: what no program that loads rules can be faster than.

/// The tables of both families that have rules of a ruleset, as the kernel has them in this network namespace. Makes
/// those that are not there yet.
[[nodiscard]] base::Result<std::vector<apply::TableSnapshot>> read_tables(const ir::Ruleset& ruleset);

/// Puts tables in force again, one IPT_SO_SET_REPLACE each; what the system calls alone cost. Sets that the rules ask
/// are there.
[[nodiscard]] base::Result<Cost> exchange(std::span<const apply::TableSnapshot> tables);

}  // namespace vuurmuur::bench
