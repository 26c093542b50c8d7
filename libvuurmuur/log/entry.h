// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "log/packet.h"
#include "log/record.h"

namespace vuurmuur::log {

/// The rule that wrote a record.
struct RuleName {
  std::string identity;  ///< as in the prefix (ir/log_prefix.h); empty: it had none
  std::string label;     ///< "rule 12: accept http from lan to inet"; empty: no rule of that identity is known
  std::string place;     ///< "rules/rules.conf:12"; empty: no line of the configuration is behind it
  bool operator==(const RuleName&) const = default;
};

/// What the objects of the policy call the ends and the service of a packet.
struct Names {
  std::string service;  ///< "ssh"; without one "36771->9999(udp)"
  std::string from;     ///< "pc.local.lan", "firewall(inet)", "local.lan(broadcast)" or the address
  std::string to;
  std::string from_zone, to_zone;  ///< "lan"; empty: of no zone
  bool operator==(const Names&) const = default;
};

/// A line of the traffic log: what is known of a packet that a rule logged.
struct Entry {
  Time time{};
  std::string action{};  ///< "DROP"
  std::string prefix{};  ///< "in policy ": what follows the action, with its blank
  Names names{};
  std::string in_device{}, out_device{};  ///< empty: none
  std::optional<net::MacAddress> source_mac{}, destination_mac{};
  Packet packet{};
  std::uint32_t mark = 0;
  std::optional<std::uint32_t> user{};
  RuleName rule{};
  bool operator==(const Entry&) const = default;
};

/// Finds names. What it does not know stays an address or a pair of ports.
class Namer {
 public:
  virtual ~Namer() = default;
  /// Writes over all of `names`. Devices: as in the entry, empty for none.
  virtual void name(const Packet& packet, std::string_view in_device, std::string_view out_device, Names& names) const = 0;
};

/// Knows no names at all.
class NoNames final : public Namer {
 public:
  void name(const Packet& packet, std::string_view in_device, std::string_view out_device, Names& names) const override;
};

/// "36771->9999(udp)", "8/0(icmp)", "(gre)": a service without a name.
void append_unnamed_service(std::string& out, const Packet& packet);

/// As Address::to_string() has it, without memory of its own.
void append_address(std::string& out, const net::Address& address);
void append_number(std::string& out, std::uint64_t number);

}  // namespace vuurmuur::log
