// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Something beside the rules that decides about packets and is not the same in two policies.
struct OtherwiseSet {
  enum class What : std::uint8_t { Setting, Blocklist, Interface, Network };
  What what = What::Setting;
  std::string name;  ///< "SYN_LIMIT", "lan", "local.lan"; of the blocklist nothing
  bool operator==(const OtherwiseSet&) const = default;
};

/// Settings of packets, the blocklist, protections of interfaces and networks: what sections 1 and 3 of
/// doc/semantics.md ask before the rules.
[[nodiscard]] std::vector<OtherwiseSet> set_otherwise(const sema::Policy& before, const sema::Policy& after);

}  // namespace vuurmuur::analyse
