// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "base/result.h"
#include "ir/ruleset.h"

namespace vuurmuur::bench {

/// Milliseconds of one load.
struct LoadTimes {
  double apply = 0;    ///< apply::apply of the ruleset
  double restore = 0;  ///< iptables-legacy-restore and ip6tables-legacy-restore of the same rules as text
};

/// Puts the process into user, network and mount namespaces of its own. Once, while it has one thread.
[[nodiscard]] base::Result<void> enter_namespaces();

/// Loads a ruleset both ways, each into a fresh network namespace.
[[nodiscard]] base::Result<LoadTimes> measure_load(const ir::Ruleset& ruleset);

}  // namespace vuurmuur::bench
