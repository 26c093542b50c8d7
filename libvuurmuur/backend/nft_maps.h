// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// Puts one look-up in the place of rules that only send packets on by one field: branches of the compiler's trees over
/// connection marks, addresses and interfaces. A tree whose nodes look at the same field becomes a single map from the
/// field's values to what stood at its leaves, whatever its depth; nf_tables takes no more than 16 chains one in the
/// other.
///
/// A rule can be part of a map when it has one condition on the field or none, no counter, and ends in accept, drop,
/// goto, or a single queue. What a packet meets, in which order, and what is counted, is what it was before.
void use_maps(Program& program);

}  // namespace vuurmuur::backend::nft
