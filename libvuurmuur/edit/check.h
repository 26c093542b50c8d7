// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/file_system.h"
#include "diag/diagnostic.h"
#include "diag/source.h"
#include "edit/changes.h"

namespace vuurmuur::edit {

/// What changes would make wrong.
struct Verdict {
  /// Problems that the tree would have with the changes and has not without them. An error refuses the changes. What an
  /// object merely lacks yet (an interface its DEVICE, a NETWORK its NETMASK) is a warning here: it is edited one value
  /// after the other.
  diag::Sink found;
  diag::SourceMap sources;  ///< the files as they would be, where the problems are

  [[nodiscard]] bool is_refused() const { return found.has_errors(); }
};

/// Reads the tree as it would be, resolves every name and checks every rule.
[[nodiscard]] Verdict check_changes(const base::FileSystem& files, const std::string& root, const Changes& changes);

}  // namespace vuurmuur::edit
