// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apply/kernel.h"
#include "base/result.h"

namespace vuurmuur::apply {

/// What rules of ours are in xtables, short enough to be kept and compared: of each table the chains that are ours, by
/// their rules without counters, and of the built-in chains the jumps to ours and the policy.
struct RulePrint {
  struct Chain {
    std::size_t rules = 0;
    std::uint64_t hash = 0;
    bool drops = false;  ///< the policy of a built-in chain
    bool operator==(const Chain&) const = default;
  };
  using Place = std::pair<net::Family, ir::TableName>;
  std::map<Place, std::map<std::string, Chain>> tables;  ///< those without anything of ours are left out
  bool operator==(const RulePrint&) const = default;
};

/// Reads every table of the families that is loaded; a twentieth of a second for 10,000 rules in both.
[[nodiscard]] base::Result<RulePrint> print_rules(Kernel& kernel, std::span<const net::Family> families = net::kFamilies);

/// Puts the tables of some families, as they are in another one, in place of those that are there.
void replace_tables(RulePrint& print, const RulePrint& by, std::span<const net::Family> families);

/// What is not as it was, for people: "table filter (IPv4): chain VRMR-1 was changed, chain VRMR-2 has 3 rules instead
/// of 2, …"; empty when nothing. No more than a few differences are named.
[[nodiscard]] std::string differences(const RulePrint& before, const RulePrint& now);

/// Sizes of all tables that are loaded, which cost nothing to ask for: when they differ, something changed.
[[nodiscard]] base::Result<std::vector<std::uint64_t>> table_sizes(Kernel& kernel);

}  // namespace vuurmuur::apply
