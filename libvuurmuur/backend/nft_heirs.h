// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "backend/nft_batch.h"
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// For each counter of a program what it begins with: those that are not there yet take what counters have counted that
/// go, when their labels differ in the number of the rule only, in the order of these numbers. So a rule that others
/// came before goes on counting. What several leave to one is added up.
[[nodiscard]] std::vector<Counted> inherited_counts(const Program& program, const Existing& existing);

}  // namespace vuurmuur::backend::nft
