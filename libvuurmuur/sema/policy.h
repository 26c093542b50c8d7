// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/policy.h"
#include "net/address.h"

namespace vuurmuur::sema {

/// A place in Policy::interfaces.
enum class InterfaceId : std::uint32_t {};

/// An active interface.
struct Interface {
  std::string name;
  std::string device;  ///< without an alias label; "ppp+" for all that begin so
  std::vector<net::Address> addresses;
  bool dynamic_ipv4 = false, dynamic_ipv6 = false;
  model::InterfaceProtections protections;
  bool clamp_mss = false;

  /// Whether it stands for any number of devices.
  [[nodiscard]] bool is_wildcard() const { return device.ends_with('+'); }
  /// Whether it can have addresses of the family at all.
  [[nodiscard]] bool has(net::Family family) const;
  [[nodiscard]] bool is_dynamic(net::Family family) const {
    return family == net::Family::Ipv4 ? dynamic_ipv4 : dynamic_ipv6;
  }
};

/// A place in Policy::networks.
enum class NetworkId : std::uint32_t {};

/// An active network with at least one active interface.
struct Network {
  std::string name;  ///< "network.zone"
  std::vector<net::Prefix> prefixes;
  std::vector<InterfaceId> interfaces;
  std::vector<model::Spoof> spoof_protections;
  bool dhcp_client = false, dhcp_server = false;
  diag::Span span;
};

/// Addresses behind the interfaces of one network: a network, a host, or a member of a group.
struct Peer {
  NetworkId network{};
  std::vector<net::Prefix> prefixes;   ///< both families
  std::optional<net::MacAddress> mac;  ///< condition on a source
};

/// One end of a rule.
struct End {
  enum class Kind { Any, Firewall, FirewallAny, Peers, Broadcast };
  Kind kind = Kind::Any;
  std::vector<Peer> peers;  ///< Peers: any of them; Broadcast: the networks
};

/// An active rule with everything resolved. The options are still those of the model, checked for the action.
struct Rule {
  const model::Rule* source = nullptr;  ///< lives in the model::Policy that was resolved
  std::string place;                    ///< "rules/rules.conf:12"
  End from, to;
  bool any_service = false;
  std::vector<model::PortSet> port_sets;
  std::string helper;
  bool broadcast_service = false;
  std::optional<InterfaceId> in_interface, out_interface, via_interface;
  /// in_int or out_int names an interface that is inactive: the rule matches nothing.
  bool never = false;
};

/// A way of queueing that rules share: see doc/semantics.md section 6.
struct QueueUse {
  model::QueueRange range;
  bool bypass = false, fanout = false;
  std::optional<model::PacketMark> nfmark;
  std::optional<model::PacketMark> release = {};
  bool drop_urgent = false;
  bool operator==(const QueueUse&) const = default;
};

/// An nflog group in use and the packet mark that goes with it.
struct LogGroupUse {
  std::uint16_t group = 0;
  std::optional<model::PacketMark> nfmark;
  bool operator==(const LogGroupUse&) const = default;
};

/// A host that those who are baited are led to (BAIT).
struct Bait {
  std::string name;  ///< model::to_string()
  std::optional<net::Address> ipv4, ipv6;
  std::optional<std::uint16_t> port;  ///< nothing: the ports that they ask for
  [[nodiscard]] const std::optional<net::Address>& address(net::Family family) const {
    return family == net::Family::Ipv4 ? ipv4 : ipv6;
  }
  bool operator==(const Bait&) const = default;
};

/// A policy in which every name is an object and every rule is legal. It refers to the model::Policy it was made from,
/// which must outlive it.
struct Policy {
  const model::Settings* settings = nullptr;
  std::vector<Interface> interfaces;
  std::vector<Network> networks;
  std::vector<Rule> rules;           ///< active ones in file order
  std::vector<net::Prefix> blocked;  ///< sorted, without doubles
  std::vector<Bait> baits;           ///< of active hosts, in the order of config.conf
  std::vector<QueueUse> queues;      ///< by first queue number
  std::vector<LogGroupUse> log_groups;
  std::vector<model::PacketMark> packet_marks;  ///< of plain accepted connections, without doubles

  [[nodiscard]] const Interface& interface(InterfaceId id) const { return interfaces.at(static_cast<std::size_t>(id)); }
  [[nodiscard]] const Network& network(NetworkId id) const { return networks.at(static_cast<std::size_t>(id)); }
};

}  // namespace vuurmuur::sema
