// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "log/entry.h"

namespace vuurmuur::log {

/// Why a packet was logged, and what became of it, in words: of a rule that it was the first to match, of a protection
/// what the packet had that is not let in. One sentence or two, without a line break, and nothing in it needs escaping.
[[nodiscard]] std::string why(const Entry& entry);

}  // namespace vuurmuur::log
