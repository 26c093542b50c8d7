// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

#include "base/result.h"

namespace vuurmuur::apply {

/// What is asked of nf_tables.
enum class NftAbility : std::uint8_t {
  Rules,  ///< tables with NAT, sets and counters
  Queue,  ///< the expression "queue" (CONFIG_NFT_QUEUE), besides
};

/// Commits a small table "vuurmuur-probe" with what is asked for, and leaves it there: for a network namespace that is
/// thrown away (Kernel::in_scratch_namespace()). The error has the kernel's errno: ENOENT for an expression that it has
/// not got.
[[nodiscard]] base::Result<void> try_nft(NftAbility ability);

}  // namespace vuurmuur::apply
