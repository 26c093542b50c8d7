// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <vector>

#include "apply/kernel.h"

namespace vuurmuur::apply {

/// What one rule of the policy, or one of the protections around the rules, has taken.
struct RuleCounters {
  std::string origin;  ///< "rule 12: accept http from lan to inet"
  Counters ipv4, ipv6;

  [[nodiscard]] Counters both() const {
    Counters sum = ipv4;
    return sum += ipv6;
  }
};

/// Reads what every rule of the policy that is loaded has taken, whatever the compiler has made of it: several rules of
/// the kernel, elements of sets, chains of its own. Known by the comments or tags that rules carry, tags by what the
/// last load left in `state_directory`, and by the comments of elements. The user's rules come first, in the order of
/// their numbers.
///
/// A rule counts where it decides: in filter when it has a verdict there (the first packets of connections; later ones
/// are taken without asking rules), else in nat, else in raw; one that only logs, where it logs. What a rule's own
/// chain counts is not counted again at the jump to it.
[[nodiscard]] base::Result<std::vector<RuleCounters>> read_counters(Kernel& kernel, const std::string& state_directory);

}  // namespace vuurmuur::apply
