// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// A program as `nft -f` reads it, version 1.0.6 and later. Loading it replaces what an earlier load of it left in our
/// chains, in one transaction: base chains stay, counters keep their values, chains of others keep their rules. Chains,
/// sets and counters that only the earlier one had stay behind, unused: a batch (nft_batch.h) removes those too. Empty
/// for an empty program.
///
/// nft has no way to write a double quote or, in the prefix of a log line, a dollar sign: they become ' and _. Comments
/// are cut to 128 bytes.
[[nodiscard]] std::string text(const Program& program);

}  // namespace vuurmuur::backend::nft
