// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace vuurmuur::apply {

/// A rule of a table by the number of its entry.
struct NumberedRule {
  std::uint32_t number = 0;
  const std::byte* entry = nullptr;
  /// What it does with a packet: a verdict, a module, or "" for going to a chain. A rule that decides does not go on
  /// from one that only leads somewhere.
  std::string_view does;
};

/// An old rule whose counters are to be added to a new one's.
struct CounterHeir {
  std::uint32_t old_entry = 0, new_entry = 0;
  bool operator==(const CounterHeir&) const = default;
};

/// Who goes on counting for rules that are gone from where they stood: chains of a tree have other rules after a change
/// of the policy, and what the next generation counted while it stood beside the old one was counted in chains of its
/// own. The sum over the rules of one origin stays what it was.
///
/// The heir is the first new rule with the same comment that does the same. The number in "rule N: …" may differ when
/// no rule with the very same comment is there: rules in front of it came or went. A rule that carries a tag instead of
/// its comment is known by that.
[[nodiscard]] std::vector<CounterHeir> find_counter_heirs(net::Family family, std::span<const NumberedRule> gone,
                                                          std::span<const NumberedRule> added);

}  // namespace vuurmuur::apply
