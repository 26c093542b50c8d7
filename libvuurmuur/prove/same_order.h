// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>

#include "prove/saved_table.h"

namespace vuurmuur::prove {

/// Pairs of entries that let packets go on, one of which only may take them, and which share packets, of which it was
/// not found out that both programs have them in the same order: where the moment decides, the order does too. 0: all
/// are. What is done for the second time is no matter.
[[nodiscard]] std::size_t pairs_in_another_order(const SavedProgram& first, const SavedProgram& second);

}  // namespace vuurmuur::prove
