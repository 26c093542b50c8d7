// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "ir/set.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// TCP header flags as bits (RFC 9293; include/uapi/linux/netfilter/xt_tcpudp.h).
struct TcpFlags {
  static constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10, kUrg = 0x20,
                                kAll = 0x3f;
  std::uint8_t mask = 0;    ///< the flags that are looked at; 0 for no flag test
  std::uint8_t wanted = 0;  ///< those of them that must be set
  auto operator<=>(const TcpFlags&) const = default;

  /// "--syn": FIN, SYN, RST and ACK looked at, SYN alone set.
  [[nodiscard]] static constexpr TcpFlags syn() { return {kFin | kSyn | kRst | kAck, kSyn}; }
};

/// Match "tcp" (the rule's protocol must be TCP).
struct TcpMatch {
  net::PortRange source = net::PortRange::any(), destination = net::PortRange::any();
  TcpFlags flags{};
  bool flags_inverted = false;  ///< "! --tcp-flags", "! --syn"
  auto operator<=>(const TcpMatch&) const = default;
};

/// Match "udp" (the rule's protocol must be UDP).
struct UdpMatch {
  net::PortRange source = net::PortRange::any(), destination = net::PortRange::any();
  auto operator<=>(const UdpMatch&) const = default;
};

/// Match "icmp" or "icmp6", by the rule's protocol (ICMP in IPv4, ICMPv6 in IPv6).
struct IcmpMatch {
  std::uint8_t type = 0;
  std::optional<std::uint8_t> code{};  ///< nothing: every code
  auto operator<=>(const IcmpMatch&) const = default;
};

/// Connection states as bits of ConntrackMatch (iptables-extensions(8), conntrack).
enum CtState : std::uint8_t { kCtInvalid = 1, kCtNew = 2, kCtEstablished = 4, kCtRelated = 8, kCtUntracked = 16 };

/// Match "conntrack --ctstate", revision 3.
struct ConntrackMatch {
  std::uint8_t states = 0;  ///< bits of CtState
  auto operator<=>(const ConntrackMatch&) const = default;
};

/// Match "connmark --mark value/mask", revision 1. False for packets without a connection.
struct ConnmarkMatch {
  std::uint32_t value = 0, mask = 0xffffffff;
  bool inverted = false;
  auto operator<=>(const ConnmarkMatch&) const = default;
};

/// Match "mark --mark value/mask", revision 1: the packet mark.
struct MarkMatch {
  std::uint32_t value = 0, mask = 0xffffffff;
  auto operator<=>(const MarkMatch&) const = default;
};

/// Match "cluster": all connections are shared out between `total` nodes by the address that opened them, and this one
/// is of one of the nodes first to last, which are counted from 0. Both directions of a connection are of the same
/// node, and what it brings about is of it as well. False for packets without a connection.
struct ClusterMatch {
  static constexpr std::uint32_t kMostNodes = 32;  ///< xt_cluster.h
  static constexpr std::uint32_t kHashSeed = 0x76726d72;
  std::uint32_t total = 1, first = 0, last = 0;
  auto operator<=>(const ClusterMatch&) const = default;

  /// The nodes as bits.
  [[nodiscard]] constexpr std::uint32_t node_bits() const {
    return static_cast<std::uint32_t>((std::uint64_t{1} << (last + 1)) - (std::uint64_t{1} << first));
  }
};

/// Match "limit": a token bucket of the rule's own.
struct LimitMatch {
  enum class Unit : std::uint8_t { Second, Minute, Hour, Day };
  std::uint32_t count = 1;
  Unit unit = Unit::Second;
  std::uint32_t burst = 5;
  auto operator<=>(const LimitMatch&) const = default;
};

/// Match "hashlimit --hashlimit-above count/sec --hashlimit-mode srcip": true for a source that is over its rate,
/// revision 3. The kernel keeps one table a name, and its first settings for as long as it lives: the name must tell
/// the numbers.
struct HashlimitMatch {
  std::string name{};
  std::uint32_t per_second = 1;
  std::uint32_t burst = 5;
  std::uint8_t source_length = 32;  ///< --hashlimit-srcmask
  auto operator<=>(const HashlimitMatch&) const = default;
};

/// Match "mac --mac-source".
struct MacMatch {
  net::MacAddress source{};
  auto operator<=>(const MacMatch&) const = default;
};

/// Match "rpfilter --invert": a packet whose source is not reached through the interface it came in by (table raw).
struct RpfilterMatch {
  auto operator<=>(const RpfilterMatch&) const = default;
};

/// Match "frag" without options: an IPv6 packet with a fragment header. (IPv4 has Rule::fragment.)
struct FragmentHeaderMatch {
  auto operator<=>(const FragmentHeaderMatch&) const = default;
};

/// Match "addrtype" revision 1: the address is one of this machine's, of the interface the packet came in by or leaves
/// by when so limited.
struct AddrtypeMatch {
  enum class Side : std::uint8_t { Source, Destination };
  Side side = Side::Destination;
  bool limit_iface_in = false, limit_iface_out = false;
  auto operator<=>(const AddrtypeMatch&) const = default;
};

/// Match "set --match-set", revision 4: whether the packet's addresses and port are in a set of Ruleset::sets. The last
/// match of its rule, because a set's counters count whoever asks.
struct SetMatch {
  std::string set{};            ///< its name
  SetKey key = SetKey::Source;  ///< as the set has it
  bool inverted = false;
  auto operator<=>(const SetMatch&) const = default;
};

/// An extension match. A new alternative needs its row in each backend; the compiler finds those that forgot it.
using Match =
    std::variant<TcpMatch, UdpMatch, IcmpMatch, ConntrackMatch, ConnmarkMatch, MarkMatch, ClusterMatch, LimitMatch,
                 HashlimitMatch, MacMatch, RpfilterMatch, FragmentHeaderMatch, AddrtypeMatch, SetMatch>;

}  // namespace vuurmuur::ir
