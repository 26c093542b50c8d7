// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "apply/choose_backend.h"

namespace vuurmuur::apply {

/// Tries the rule engines in a network namespace of its own, where xtables makes a table and nf_tables a small ruleset.
/// When no namespace can be made, both are taken for able to do everything, and `untried` says why.
[[nodiscard]] EngineSupport probe_engines(Kernel& kernel);

/// Whether a chain of ours is in a filter table of xtables.
[[nodiscard]] base::Result<bool> has_own_xtables_chains(Kernel& kernel);

/// The engine that holds rules of ours. Nothing when none does, or both: then a change from one to the other did not
/// get to its end, and neither has a right to stay.
[[nodiscard]] base::Result<std::optional<Backend>> loaded_engine(Kernel& kernel);

/// All that is known of a machine before an engine is chosen.
[[nodiscard]] base::Result<Circumstances> look_around(Kernel& kernel);

/// As much of it as choose_backend() can make use of for that wish: xtables, where our own rules may be many, is not
/// searched for rules of others when nothing speaks for nft. `loaded`: what loaded_engine() gave.
[[nodiscard]] base::Result<Circumstances> look_around_for(Kernel& kernel, BackendWish wish,
                                                          std::optional<Backend> loaded);

}  // namespace vuurmuur::apply
