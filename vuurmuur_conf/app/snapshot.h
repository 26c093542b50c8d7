// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/memory_file_system.h"

namespace vuurmuur::app {

/// All that reading a tree sees of its files, kept in memory: whoever reads the copy gets the same tree and the same
/// problems, whatever happens to the files meanwhile.
[[nodiscard]] base::MemoryFileSystem take_snapshot(const base::FileSystem& files, const std::string& root);

}  // namespace vuurmuur::app
