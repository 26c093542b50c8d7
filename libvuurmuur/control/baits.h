// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apply/kernel.h"
#include "apply/rule_engine.h"
#include "apply/timed_sets.h"
#include "control/block_log.h"
#include "ir/ruleset.h"

namespace vuurmuur::control {

/// Somebody who is led to a bait.
struct Baited {
  net::Address address;
  std::string to;                                ///< sema::Bait::name
  std::optional<std::chrono::nanoseconds> left;  ///< nothing: until he is let go
};

/// Whether a text can name a bait: "honeypot.net.dmz", "honeypot.net.dmz:2222".
[[nodiscard]] bool may_name_bait(std::string_view text);

/// Addresses that are led to baits for a time, as Blocks has those that are blocked: in the kernel's sets, one for each
/// bait and family, and on disk, a file for each bait. What the rules make of the sets is pass_baits of the compile.
/// Whoever calls holds the lock of the directory (Blocks).
class Baits {
 public:
  Baits(apply::Kernel& kernel, base::FileSystem& files, std::string directory, const Clock& clock)
      : kernel_(kernel), files_(files), directory_(std::move(directory)), clock_(clock) {}

  struct Report {
    bool is_in_force = false;           ///< rules that lead to this bait, of each address's family, are in the kernel
    std::size_t ended_connections = 0;  ///< with others than the bait
  };
  /// Leads addresses to a bait from now on for so long, or until release(); a time and a bait that one had before are
  /// over. Live connections of those who were not led there already end.
  [[nodiscard]] base::Result<Report> lead(std::span<const net::Address> addresses, const std::string& to,
                                          std::optional<std::chrono::seconds> time);

  /// Lets go; how many were led anywhere. Their connections with the bait end.
  [[nodiscard]] base::Result<std::size_t> release(std::span<const net::Address> addresses);

  /// Who is led where, by address.
  [[nodiscard]] base::Result<std::vector<Baited>> list();

  /// As Blocks::fill(), for the sets of baits that a ruleset asks.
  [[nodiscard]] base::Result<void> fill(const ir::Ruleset& ruleset, apply::Backend backend, bool shall_refill);

  /// By the name of its set: who shall be in it.
  [[nodiscard]] base::Result<std::map<std::string, BlockLog::Entries>> entries_of_sets();

 private:
  [[nodiscard]] base::Result<void> refresh(bool may_write);
  [[nodiscard]] BlockLog& log_of(const std::string& to);
  [[nodiscard]] base::Result<bool> add(const std::string& to, std::span<const apply::TimedElement> elements);
  [[nodiscard]] base::Result<void> remove(const std::string& to, std::span<const net::Prefix> prefixes);
  [[nodiscard]] base::Result<void> end_translated(std::span<const net::Prefix> prefixes);

  apply::Kernel& kernel_;
  base::FileSystem& files_;
  std::string directory_;
  const Clock& clock_;
  std::map<std::string, BlockLog> logs_;  ///< by sema::Bait::name
};

}  // namespace vuurmuur::control
