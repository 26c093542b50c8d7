// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>

#include "apply/nft_socket.h"
#include "backend/nft_batch.h"
#include "backend/nft_program.h"
#include "ir/ruleset.h"

namespace vuurmuur::apply {

/// Says which rule, set, counter or chain of which family the kernel meant, where it comes from and how nft writes it.
/// `programs` are what the batch was made of, `subjects` what its messages are about.
[[nodiscard]] base::Error explain_nft_refusal(const NftRefusal& refusal, const ir::Ruleset& ruleset,
                                              std::span<const backend::nft::Program> programs,
                                              std::span<const backend::nft::Subject> subjects);

}  // namespace vuurmuur::apply
