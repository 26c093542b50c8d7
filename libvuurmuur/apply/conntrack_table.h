// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "apply/live_connection.h"
#include "base/result.h"

namespace vuurmuur::apply {

/// All live connections of both families, in no order. One that begins or ends meanwhile may be in it or not.
[[nodiscard]] base::Result<std::vector<LiveConnection>> read_connections();

/// Does what it can of the changes; for each 0 or the errno with which it was refused. ENOENT: the connection has ended
/// by itself.
[[nodiscard]] base::Result<std::vector<int>> change_connections(std::span<const ConnectionChange> changes);

}  // namespace vuurmuur::apply
