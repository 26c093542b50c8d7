// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "base/memory_file_system.h"
#include "base/result.h"
#include "compile/compile.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::bench {

/// Reads, resolves and compiles the tree at "/tree". A tree with errors is one that this program generated wrong.
[[nodiscard]] base::Result<ir::Ruleset> compile_tree(const base::MemoryFileSystem& tree,
                                                     const compile::Options& options = {});

}  // namespace vuurmuur::bench
