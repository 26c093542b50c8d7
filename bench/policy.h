// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/rule_engine.h"
#include "base/memory_file_system.h"
#include "base/result.h"
#include "compile/compile.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::bench {

/// Reads, resolves and compiles the tree at "/tree". A tree with errors is one that this program generated wrong.
[[nodiscard]] base::Result<ir::Ruleset> compile_tree(const base::MemoryFileSystem& tree,
                                                     const compile::Options& options = {});

/// With the sets that an engine of this kernel can hold. The process is in namespaces of its own.
[[nodiscard]] base::Result<ir::Ruleset> compile_for_kernel(const base::MemoryFileSystem& tree, apply::Backend backend);

/// Without any set: what a program can load that knows rules alone.
[[nodiscard]] base::Result<ir::Ruleset> compile_without_sets(const base::MemoryFileSystem& tree);

}  // namespace vuurmuur::bench
