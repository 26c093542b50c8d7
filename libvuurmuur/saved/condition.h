// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "diag/diagnostic.h"
#include "net/address.h"
#include "net/ports.h"
#include "saved/ruleset.h"

namespace vuurmuur::saved {

/// States of connection tracking, one bit each (match conntrack of iptables-extensions(8)).
struct State {
  static constexpr std::uint8_t kNew = 1, kEstablished = 2, kRelated = 4, kInvalid = 8, kUntracked = 16, kSnat = 32,
                                kDnat = 64;
};

struct DeviceCondition {
  bool is_out = false;
  std::string name;
  bool is_beginning = false;  ///< written with a "+": every device whose name begins so
};
struct AddressCondition {
  bool is_destination = false;
  net::Address first, last;
};
struct ProtocolCondition {
  std::uint8_t protocol = 0;
};
struct PortCondition {
  enum class Which : std::uint8_t { Source, Destination, Either };
  Which which = Which::Destination;
  std::vector<net::PortRange> ranges;
};
struct IcmpCondition {
  std::uint8_t type = 0;
  std::uint8_t first_code = 0, last_code = 255;
};
/// Of those in `mask` just those in `set`; bits as in the TCP header (RFC 9293): FIN 1, SYN 2, RST 4, PSH 8, ACK 16,
/// URG 32.
struct FlagCondition {
  std::uint8_t mask = 0, set = 0;
};
struct StateCondition {
  std::uint8_t states = 0;
};
struct MarkCondition {
  bool is_of_connection = false;
  std::uint32_t value = 0, mask = UINT32_MAX;
};
struct MacCondition {
  net::MacAddress address;
};
/// Whether an address is one of this machine's (match addrtype, LOCAL), or of the device that the packet came in or
/// goes out by.
struct LocalCondition {
  enum class Device : std::uint8_t { Any, In, Out };
  bool is_destination = false;
  Device device = Device::Any;
};
/// Whether a packet is in a set (match set).
struct SetCondition {
  std::string set, sides;  ///< "office", "src,dst"
};
/// -f, a fragment that is not the first, and match frag, one of IPv6: packets here are whole.
struct FragmentCondition {};
/// What a packet does not tell: rates, the time, the owner, what this program does not know. Equal texts mean the same.
struct OpaqueCondition {
  std::string text;
};

struct Condition {
  std::variant<DeviceCondition, AddressCondition, ProtocolCondition, PortCondition, IcmpCondition, FlagCondition,
               StateCondition, MarkCondition, MacCondition, LocalCondition, SetCondition, FragmentCondition,
               OpaqueCondition>
      what;
  bool is_inverted = false;
  diag::Span span;  ///< the words that say so
};

/// All that a rule asks of a packet at once. What is written wrong is an error ("bad-save-match"); a match that is not
/// known becomes an OpaqueCondition.
[[nodiscard]] std::vector<Condition> conditions_of(const Rule& rule, net::Family family, diag::Sink& sink);

/// The type, and the code when one is named, that iptables(8) calls so ("echo-request", "8", "3/4"); the names are
/// those of "iptables -p icmp -h" and "ip6tables -p ipv6-icmp -h". Nothing: "any", or no such name.
[[nodiscard]] std::optional<IcmpCondition> icmp_named(std::string_view name, net::Family family);

}  // namespace vuurmuur::saved
