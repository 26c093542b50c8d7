// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "ir/ruleset.h"

namespace vuurmuur::backend::nft {

/// Table raw in two: xtables gives a packet a template with the helper before conntrack sees it, nf_tables sets the
/// helper on the connection that conntrack has made.
struct HelperSplit {
  ir::Table rest;     ///< all but the rules that set helpers
  ir::Table helpers;  ///< those rules, and what decides whether a packet gets to them
};

/// In `helpers` a packet that was accepted in raw is accepted in the same place, so the same packets get to the rules
/// with helpers. Packets that raw drops are not there to be asked. Rules that measure rates are in `rest` alone.
[[nodiscard]] HelperSplit split_helpers(const ir::Table& raw);

}  // namespace vuurmuur::backend::nft
