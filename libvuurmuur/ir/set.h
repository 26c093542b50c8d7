// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/origin.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::ir {

/// What a set looks up, in the order in which ipset(8) names the parts of a type: an address, a port with its protocol,
/// an address.
enum class SetKey : std::uint8_t {
  Source,                 ///< hash:net, "src"
  Destination,            ///< hash:net, "dst"
  SourcePort,             ///< source address and destination port: hash:net,port, "src,dst"
  DestinationPort,        ///< destination address and port: hash:net,port, "dst,dst"
  SourceDestination,      ///< hash:net,net, "src,dst"
  SourcePortDestination,  ///< hash:ip,port,ip (single addresses) or hash:net,port,net, "src,dst,dst"
};

[[nodiscard]] constexpr bool has_source(SetKey key) {
  return key != SetKey::Destination && key != SetKey::DestinationPort;
}
[[nodiscard]] constexpr bool has_destination(SetKey key) { return key != SetKey::Source && key != SetKey::SourcePort; }
[[nodiscard]] constexpr bool has_port(SetKey key) {
  return key == SetKey::SourcePort || key == SetKey::DestinationPort || key == SetKey::SourcePortDestination;
}
/// The directions of a key as iptables writes them: "src,dst,dst".
[[nodiscard]] std::string_view directions(SetKey key);

/// A destination port of a protocol that has ports.
struct ProtocolPort {
  net::Protocol protocol = net::Protocol::Tcp;
  std::uint16_t port = 0;
  auto operator<=>(const ProtocolPort&) const = default;
};

/// One member. The parts that the set's key has are there, the others are not.
struct SetElement {
  std::optional<net::Prefix> source{}, destination{};  ///< network form
  std::optional<ProtocolPort> port{};
  /// The policy's rule that put it there: what its counter counts for.
  OriginId origin{};

  /// Whether the keys are equal, whoever put them there.
  [[nodiscard]] bool has_same_key(const SetElement& other) const {
    return source == other.source && destination == other.destination && port == other.port;
  }
  bool operator==(const SetElement&) const = default;
};

/// Longest name of a set (linux/netfilter/ipset/ip_set.h: IPSET_MAXNAMELEN is 32 with the final NUL).
inline constexpr std::size_t kMaxSetName = 31;
/// What names of our own sets begin with.
inline constexpr std::string_view kOwnSetPrefix = "vrmr";

/// Who fills a set, and with what.
enum class SetUse : std::uint8_t {
  Policy,         ///< the compiler: its elements are those that it has here
  TimedHosts,     ///< whoever blocks single addresses while rules are in force, each for a time; no elements here
  TimedNetworks,  ///< the same for networks
};

/// A set of one family that SetMatch asks. No packet is in two of its elements, so it does not matter in which order a
/// kernel looks. The name is made of what the set is for and what is in it (set_name()): two sets of one name are
/// equal, and one that changed has another name, so that old and new ones can stand side by side while rules change.
struct Set {
  std::string name;
  net::Family family = net::Family::Ipv4;
  SetKey key = SetKey::Source;
  /// Whether each element counts for its origin; otherwise the rules that ask the set do.
  bool is_counted = false;
  SetUse use = SetUse::Policy;
  std::vector<SetElement> elements;
  bool operator==(const Set&) const = default;

  /// Whether its elements come and go while rules are in force. It keeps name and elements over every load, and is
  /// asked for either address: its own key is Source.
  [[nodiscard]] bool is_timed() const { return use != SetUse::Policy; }
  /// Whether it is of bait_set().
  [[nodiscard]] bool is_bait() const { return is_timed() && name.contains("-bait-"); }
};

/// Most elements of a set that is timed.
inline constexpr std::uint32_t kTimedSetSize = 1 << 20;

/// A timed set: "vrmr4-blocked-hosts", "vrmr6-blocked-networks".
[[nodiscard]] Set timed_set(net::Family family, SetUse use);

/// The timed set of single addresses that are led to a bait (sema::Bait::name): "vrmr4-bait-CCCCCCCCCCCCCCCC", with a
/// hash of the bait.
[[nodiscard]] Set bait_set(net::Family family, std::string_view bait);

/// Whether every address of a set is, or may only be, a single one, so that hash:ip… types can hold it.
[[nodiscard]] bool has_only_hosts(const Set& set);

/// "vrmr4-SSSSSSSS-CCCCCCCCCCCCCCCC": family, a hash of `purpose` and key, a hash of the elements (set_content.h).
/// Sets of one purpose share the first two parts: what counters are carried over by.
[[nodiscard]] std::string set_name(const Set& set, std::string_view purpose);

/// The part of a name that sets of one purpose share: "vrmr4-SSSSSSSS".
[[nodiscard]] std::string_view purpose_of(std::string_view set_name);

}  // namespace vuurmuur::ir
