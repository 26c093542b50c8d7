// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/located.h"
#include "net/address.h"
#include "net/ports.h"

namespace vuurmuur::model {

/// The per-interface protections of "protect against X" (kernel: Documentation/networking/ip-sysctl.rst).
struct InterfaceProtections {
  bool source_routed_packets = false;  ///< accept_source_route = 0
  bool icmp_redirect = false;          ///< accept_redirects = 0
  bool send_redirect = false;          ///< send_redirects = 0
  bool rp_filter = false;              ///< rp_filter = 1 and the rpfilter match in table raw
  bool log_martians = false;           ///< log_martians = 1
  bool operator==(const InterfaceProtections&) const = default;
};

/// Bandwidths of an interface; read and kept, used by traffic shaping.
struct InterfaceShaping {
  bool enabled = false;
  std::optional<std::uint64_t> in_rate, out_rate;  ///< number as written
  std::string in_unit, out_unit;                   ///< "kbit" or "mbit", empty when not written
  bool operator==(const InterfaceShaping&) const = default;
};

/// A network device under a name. File interfaces/NAME.conf.
struct Interface {
  Located<std::string> name;  ///< span: the file's beginning
  bool active = true;
  Located<std::string> device;  ///< "eth0", or "ppp+" for all that begin so; "eth0:1" stands for its device
  bool is_virtual = false;      ///< VIRTUAL="Yes"
  /// Addresses of both families as configured, IPADDRESS and IPV6ADDRESS in that order.
  std::vector<Located<net::Address>> addresses;
  bool dynamic_ipv4 = false;  ///< IPADDRESS="dynamic": whatever the device has
  bool dynamic_ipv6 = false;  ///< IPV6ADDRESS="dynamic"
  InterfaceProtections protections;
  InterfaceShaping shaping;
  bool clamp_mss = false;  ///< TCPMSS="Yes"
  std::string comment;
  bool operator==(const Interface&) const = default;
};

/// A named part of the world. Directory zones/NAME.
struct Zone {
  Located<std::string> name;
  bool active = true;
  std::string comment;
  bool operator==(const Zone&) const = default;
};

/// What "protect against spoofing from X" names. The addresses are in sema.
enum class Spoof {
  Loopback,
  ClassA,
  ClassB,
  ClassC,
  ClassD,
  ClassE,
  TestNet,
  LinkLocal,
  Iana0,
  BroadcastSource,
  BroadcastDestination
};

/// A network of a zone. Directory zones/ZONE/networks/NAME.
struct Network {
  Located<std::string> name;  ///< without the zone
  std::string zone;           ///< name of its zone
  bool active = true;
  std::vector<Located<net::Prefix>> prefixes;    ///< both families, host bits cleared
  /// NETWORK="dynamic" and IPV6NETWORK="dynamic": whatever prefixes its devices have; where that stands.
  std::optional<Located<bool>> dynamic_ipv4, dynamic_ipv6;
  std::vector<Located<std::string>> interfaces;  ///< names of interfaces
  std::vector<Located<Spoof>> spoof_protections;
  bool dhcp_client = false;
  bool dhcp_server = false;
  std::string comment;

  [[nodiscard]] const std::optional<Located<bool>>& dynamic(net::Family family) const {
    return family == net::Family::Ipv4 ? dynamic_ipv4 : dynamic_ipv6;
  }

  /// "name.zone"
  [[nodiscard]] std::string full_name() const { return name.value + "." + zone; }
  bool operator==(const Network&) const = default;
};

/// A name whose addresses DNS tells.
struct DnsName {
  std::string name;  ///< as net::parse_dns_name gives it
  /// Which of its addresses are meant.
  bool ipv4 = true, ipv6 = true;
  [[nodiscard]] bool has(net::Family family) const { return family == net::Family::Ipv4 ? ipv4 : ipv6; }
  bool operator==(const DnsName&) const = default;
};

/// A host of a network. File hosts/NAME.host.
struct Host {
  Located<std::string> name;  ///< without network and zone
  std::string network, zone;
  bool active = true;
  std::vector<Located<net::Address>> addresses;  ///< both families
  /// Host parts of IPv6 addresses, whose prefix is whatever the devices of the network have: "::25/suffix".
  std::vector<Located<net::Address>> suffixes;
  std::vector<Located<DnsName>> dns_names;
  std::optional<net::MacAddress> mac;
  std::string comment;

  /// "name.network.zone"
  [[nodiscard]] std::string full_name() const { return name.value + "." + network + "." + zone; }
  bool operator==(const Host&) const = default;
};

/// Hosts of one network under one name. File groups/NAME.group.
struct Group {
  Located<std::string> name;
  std::string network, zone;
  bool active = true;
  std::vector<Located<std::string>> members;  ///< names of hosts of the same network
  std::string comment;

  [[nodiscard]] std::string full_name() const { return name.value + "." + network + "." + zone; }
  bool operator==(const Group&) const = default;
};

/// One line of a service: a protocol with ports, or an ICMP type and code.
struct PortSet {
  net::Protocol protocol{};
  net::PortRange destination = net::PortRange::any();  ///< TCP and UDP
  net::PortRange source = net::PortRange::any();       ///< TCP and UDP
  std::optional<std::uint8_t> icmp_type;               ///< ICMP and ICMPv6; nothing means every type
  std::optional<std::uint8_t> icmp_code;               ///< nothing means every code
  bool operator==(const PortSet&) const = default;
};

/// A kind of traffic under a name. File services/NAME.
struct Service {
  Located<std::string> name;
  bool active = true;
  std::vector<Located<PortSet>> port_sets;
  Located<std::string> helper;  ///< conntrack helper, empty for none
  bool broadcast = false;       ///< also to the broadcast addresses
  /// By which people find it, as the file has them; nothing else depends on them.
  std::vector<Located<std::string>> categories, aliases;
  std::string comment;
  bool operator==(const Service&) const = default;
};

/// An entry of rules/blocklist.conf: an address or prefix, or the full name of a host or group.
struct BlockEntry {
  std::optional<net::Prefix> prefix;  ///< set when the text is an address
  Located<std::string> text;
  bool active = true;
  bool operator==(const BlockEntry&) const = default;
};

}  // namespace vuurmuur::model
