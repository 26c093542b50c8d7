// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// Whether the kernel has the expression "queue" (CONFIG_NFT_QUEUE), tried in a namespace of its own. See
/// lab::kernel_has() about what it means when it has not.
[[nodiscard]] bool kernel_has_queue();

/// The program without rules that queue, when the kernel cannot have them.
[[nodiscard]] Program for_this_kernel(Program program);

}  // namespace vuurmuur::backend::nft
