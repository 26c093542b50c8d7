// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "base/result.h"
#include "ir/set.h"

// The timed sets of a ruleset (ir::SetUse) while it is in force: who is blocked, and until when. An engine without them
// has no rules in force that ask.
namespace vuurmuur::apply {

/// What became of a change.
enum class TimedChange : std::uint8_t {
  Done,
  NoSets,     ///< the engine has no such sets
  Elsewhere,  ///< elements are not what the caller took them for: fill_timed_sets() puts that right
};

/// Puts single addresses into the sets, or gives those that are there another deadline.
[[nodiscard]] base::Result<TimedChange> add_timed_hosts(Kernel& kernel, Backend backend,
                                                        std::span<const TimedElement> hosts);

/// Takes single addresses out of the sets, if they are there.
[[nodiscard]] base::Result<TimedChange> remove_timed_hosts(Kernel& kernel, Backend backend,
                                                           std::span<const net::Prefix> hosts);

/// Brings networks of one family from what they are to what they shall be. Both have all networks that are blocked and
/// overlap one that changes: nf_tables holds no networks that overlap, so it is told which addresses change.
[[nodiscard]] base::Result<TimedChange> change_timed_networks(Kernel& kernel, Backend backend,
                                                              std::span<const TimedElement> before,
                                                              std::span<const TimedElement> after);

/// Whether nf_tables has the sets of a family, with rules that ask them or before these come. Asking is much quicker
/// than a transaction that is refused, for which the kernel waits until no packet is on its way any more.
[[nodiscard]] base::Result<bool> has_nft_timed_sets(Kernel& kernel, net::Family family);
[[nodiscard]] base::Result<bool> has_nft_timed_set(Kernel& kernel, const ir::Set& set);

/// Whether rules that ask the sets of a family are, or once were, loaded with sets that were full.
[[nodiscard]] base::Result<bool> has_timed_sets(Kernel& kernel, Backend backend, net::Family family);

/// Takes those of some sets that are timed and of a family out of an engine that has no rules to ask them, as
/// fill_timed_sets() leaves one when the rules that were to come are refused. With rules they stay.
[[nodiscard]] base::Result<void> drop_unused_timed_sets(Kernel& kernel, Backend backend, net::Family family,
                                                        std::span<const ir::Set> sets);

/// Makes the sets of a family where they are missing, with these elements and no others.
[[nodiscard]] base::Result<void> fill_timed_sets(Kernel& kernel, Backend backend, net::Family family,
                                                 std::span<const TimedElement> elements);

// The same for one set of single addresses, as those of baits are (ir::bait_set()). Of elements those count that are of
// its family.

[[nodiscard]] base::Result<TimedChange> add_to_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                                         std::span<const TimedElement> hosts);
[[nodiscard]] base::Result<TimedChange> remove_from_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                                              std::span<const net::Prefix> hosts);
[[nodiscard]] base::Result<bool> has_timed_set(Kernel& kernel, Backend backend, const ir::Set& set);
/// All elements are of the set's family.
[[nodiscard]] base::Result<void> fill_timed_set(Kernel& kernel, Backend backend, const ir::Set& set,
                                                const std::vector<TimedElement>& elements);

}  // namespace vuurmuur::apply
