// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "analyse/never_matching.h"
#include "sema/policy.h"

namespace vuurmuur::analyse {

/// A chain of the user's that rules name, none of which ever gets a packet.
struct UnenteredChain {
  std::string name;
  std::vector<std::size_t> rules;  ///< places in Policy::rules
};

/// By their first rules. `reaches` are those of reach_of_rules(); that other chains lead to it is not known here.
[[nodiscard]] std::vector<UnenteredChain> unentered_chains(const sema::Policy& policy,
                                                           const std::vector<Reach>& reaches);

}  // namespace vuurmuur::analyse
