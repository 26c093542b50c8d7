// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "backend/nft_program.h"

namespace vuurmuur::backend::nft {

/// Leaves out conditions that hold for every packet that gets to a rule: the compiler's trees ask interfaces,
/// addresses, protocol and port on the way to their leaves, and the rules there ask again. To xtables that costs
/// nothing, because it looks at those in one go; to nf_tables each condition is two expressions more to load and to
/// run. A port whose protocol is known is asked as "th dport" then.
///
/// Expects a program without verdict maps. Holds as long as nobody else's rules lead into chains of ours, as the trees
/// do themselves (the last branch of a complete split is not asked for).
void drop_known_conditions(Program& program);

}  // namespace vuurmuur::backend::nft
