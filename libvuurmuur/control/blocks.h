// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "apply/timed_sets.h"
#include "control/baits.h"
#include "control/block_log.h"
#include "ir/ruleset.h"

namespace vuurmuur::control {

/// Longest time for which somebody is blocked: what ip_set can count (IPSET_MAX_TIMEOUT, 49 days).
inline constexpr std::chrono::seconds kLongestBlock{UINT32_MAX / 1000};

/// What became of a wish to block or unblock.
struct BlockReport {
  bool is_in_force = false;  ///< rules that ask the sets are in the kernel
  std::size_t changed = 0;   ///< of unblock(): how many were blocked
  std::size_t ended_connections = 0;
};

/// What becomes of timed sets that are there when rules are loaded that ask them.
enum class TimedSets : std::uint8_t {
  Keep,    ///< they are what they shall be
  Refill,  ///< another program changed sets: these and those that the compiler filled are put right
};

/// Somebody who is blocked.
struct Block {
  net::Prefix prefix;
  std::optional<std::chrono::nanoseconds> left;  ///< nothing: until he is unblocked
};

/// Addresses and networks that are blocked for a time, and addresses that are led to baits, in the kernel's sets and on
/// disk. No rules are loaded for that:
/// a change is one message to the kernel and one line of a file, however many there are. The one who asks need not have
/// the store's turn; several processes may work side by side.
class Blocks {
 public:
  Blocks(apply::Kernel& kernel, base::FileSystem& files, std::string directory, const Clock& clock)
      : kernel_(kernel),
        clock_(clock),
        directory_(directory),
        log_(files, directory, clock),
        baits_(kernel, files, std::move(directory), clock) {}

  /// Blocks prefixes in network form, of at least length 1, from now on for so long, or until unblock(); a time that
  /// one had before is over. `kill` ends their live connections. In force when it returns; an error that speaks of the
  /// file means in force, but forgotten at the next start.
  [[nodiscard]] base::Result<BlockReport> block(std::span<const net::Prefix> prefixes,
                                                std::optional<std::chrono::seconds> time, bool kill);

  [[nodiscard]] base::Result<BlockReport> unblock(std::span<const net::Prefix> prefixes);

  /// Ends live connections of prefixes; how many. The kernel goes through all that it has for that, which takes longer
  /// than block(): whoever must be quick blocks first.
  [[nodiscard]] base::Result<std::size_t> end_connections(std::span<const net::Prefix> prefixes) {
    return kernel_.end_connections(prefixes);
  }

  /// Baits::lead(), Baits::release() and Baits::list().
  [[nodiscard]] base::Result<Baits::Report> lead(std::span<const net::Address> addresses, const std::string& to,
                                                 std::optional<std::chrono::seconds> time);
  [[nodiscard]] base::Result<std::size_t> release(std::span<const net::Address> addresses);
  [[nodiscard]] base::Result<std::vector<Baited>> list_baited() { return baits_.list(); }

  /// Who is blocked, by prefix.
  [[nodiscard]] base::Result<std::vector<Block>> list();

  /// Makes the sets that a ruleset asks, full, before the ruleset is loaded into an engine that has not got them.
  [[nodiscard]] base::Result<void> fill(const ir::Ruleset& ruleset, apply::Backend backend,
                                        TimedSets those_there = TimedSets::Keep);

  /// The names of sets of ip_set in which somebody is who is not blocked, or somebody is not who is. Of more than
  /// kMostCompared elements their number is compared. Error code EWOULDBLOCK: somebody is being blocked just now.
  [[nodiscard]] base::Result<std::vector<std::string>> changed_sets();
  static constexpr std::size_t kMostCompared = 1 << 16;

  /// The ruleset was not loaded: takes the sets out that no rules ask.
  [[nodiscard]] base::Result<void> drop_unused(const ir::Ruleset& ruleset, apply::Backend backend);

 private:
  struct Change;
  [[nodiscard]] base::Result<bool> change_everywhere(const Change& change);
  [[nodiscard]] base::Result<bool> has_nft_sets();
  [[nodiscard]] base::Result<apply::TimedChange> change_in(apply::Backend backend, const Change& change);
  [[nodiscard]] base::Result<apply::TimedChange> change_nft_networks(const Change& change);
  [[nodiscard]] std::vector<apply::TimedElement> live_entries(std::int64_t now) const;
  [[nodiscard]] base::Result<bool> is_as_logged(const apply::KernelSet& set, net::Family family,
                                                const BlockLog::Entries& entries);

  apply::Kernel& kernel_;
  const Clock& clock_;
  std::string directory_;
  BlockLog log_;
  Baits baits_;
};

}  // namespace vuurmuur::control
