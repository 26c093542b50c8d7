// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/kernel.h"
#include "compile/compile.h"

namespace vuurmuur::control {

/// The shape of rules for an engine. A rule that does not match costs a packet more in nf_tables than in xtables, so there
/// fewer of them stand in a row.
[[nodiscard]] compile::Shape shape_for(apply::Backend backend);

}  // namespace vuurmuur::control
