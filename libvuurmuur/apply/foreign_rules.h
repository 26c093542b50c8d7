// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apply/rule_engine.h"
#include "base/result.h"

namespace vuurmuur::apply {

/// A place where somebody else's rules meet packets: a base chain of nf_tables, a built-in chain of xtables.
struct ForeignChain {
  Backend engine = Backend::Xtables;
  std::string place;    ///< "iptables filter FORWARD", "nft inet firewalld filter_INPUT"
  std::string program;  ///< whose it is as far as names tell: "docker"; else empty
  std::size_t rules = 0;
  bool has_drop_policy = false;
  bool refuses = false;     ///< some rule that can be reached from it drops or rejects
  bool translates = false;  ///< some rule that can be reached from it does NAT

  /// Whether it lets a packet fall that others would let pass.
  [[nodiscard]] bool can_refuse() const { return has_drop_policy || refuses; }
  bool operator==(const ForeignChain&) const = default;
};

/// A rule of somebody else that uses the connection mark.
struct ForeignMark {
  enum class Use : std::uint8_t {
    Write,    ///< changes bits of the connection mark
    Restore,  ///< copies bits of the connection mark into the packet mark
  };
  Backend engine = Backend::Xtables;
  std::string place;    ///< chain, as in ForeignChain
  std::string program;  ///< as far as names tell
  Use use = Use::Write;
  std::uint32_t bits = 0;  ///< that may change, or are copied
  bool operator==(const ForeignMark&) const = default;
};

/// What others have in the kernel.
struct ForeignRules {
  std::vector<ForeignChain> chains;  ///< those with rules or a policy DROP
  std::vector<ForeignMark> marks;
  bool operator==(const ForeignRules&) const = default;
};

class Kernel;

/// What others have in the tables of ip_tables and ip6_tables. Tables that are not loaded are not looked at.
[[nodiscard]] base::Result<ForeignRules> foreign_xtables_rules(Kernel& kernel);

/// What others have in nf_tables of the thread's namespace, iptables-nft's tables among them; our own table is left
/// out. Nothing when the kernel has no nf_tables.
[[nodiscard]] base::Result<ForeignRules> foreign_nft_rules();

/// What others have in both engines.
[[nodiscard]] base::Result<ForeignRules> rules_of_others(Kernel& kernel);

/// The program that uses a name for its tables, chains or comments, or an empty text. By what the programs' own
/// documentation and rules show: "DOCKER-USER" is docker's, "ts-forward" tailscale's.
[[nodiscard]] std::string_view program_of(std::string_view name);

}  // namespace vuurmuur::apply
