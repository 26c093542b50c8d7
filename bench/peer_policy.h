// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/memory_file_system.h"

namespace vuurmuur::bench {

/// "Accept this TCP port from this host to that one": what every program can say.
struct PeerRule {
  std::uint32_t from_zone = 0, to_zone = 0;  ///< different ones, below kPeerZones
  std::uint32_t from_host = 0, to_host = 0;  ///< of the zone, below kPeerHosts
  std::uint16_t port = 0;
};

inline constexpr std::uint32_t kPeerZones = 4, kPeerHosts = 250, kPeerPorts = 200;

/// A policy in the languages of several programs: zone N is 10.N.0.0/16 behind ethN; between zones only the rules pass,
/// answers always; the firewall itself takes ssh and ping. IPv4. No two rules are the same.
class PeerPolicy {
 public:
  /// The same rules for the same number each time.
  explicit PeerPolicy(std::uint32_t rules);

  /// At "/tree".
  [[nodiscard]] base::MemoryFileSystem vuurmuur() const;
  /// As iptables-save prints: a chain for each two zones, and in it a rule for each rule.
  [[nodiscard]] std::string iptables() const;
  /// For `nft -f`: the same with a map that leads to the chains.
  [[nodiscard]] std::string nft() const;
  /// For `nft -f`: one set for each two zones that holds all rules.
  [[nodiscard]] std::string nft_sets() const;
  [[nodiscard]] std::string ferm() const;
  /// Files of a configuration directory but shorewall.conf, at "/tree".
  [[nodiscard]] base::MemoryFileSystem shorewall() const;

 private:
  std::vector<PeerRule> rules_;
};

}  // namespace vuurmuur::bench
