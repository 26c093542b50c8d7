// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/located.h"
#include "net/ports.h"

namespace vuurmuur::model {

enum class Action {
  Accept,
  Drop,
  Reject,
  Log,
  Portfw,
  Redirect,
  Snat,
  Masq,
  Dnat,
  Bounce,
  Chain,
  Nfqueue,
  Nflog,
  Separator
};

/// The word of the rule language: "accept".
[[nodiscard]] std::string_view to_string(Action action);

/// Where traffic comes from or goes to, as written.
struct Endpoint {
  enum class Kind {
    Any,          ///< "any"
    Firewall,     ///< "firewall": this machine, on the interfaces towards the other end
    FirewallAny,  ///< "firewall(any)": this machine, whatever interface and address
    Zone,         ///< "zone"
    Network,      ///< "network.zone"
    Member,       ///< "name.network.zone": a host or a group
    Broadcast,    ///< "network.zone(broadcast)"
  };
  Kind kind = Kind::Any;
  /// The object's full name ("network.zone" for Broadcast); empty for Any, Firewall and FirewallAny.
  std::string name;
  bool operator==(const Endpoint&) const = default;
};

/// As the rule language writes it.
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

/// "limit": how often a rule's verdict may be given.
struct RateLimit {
  enum class Unit { Second, Minute, Hour, Day };
  std::uint32_t count = 0;  ///< 0 means no limit
  Unit unit = Unit::Second;
  bool operator==(const RateLimit&) const = default;
};

/// "nfqueuenum": queue numbers first..last; more than one are balanced over.
struct QueueRange {
  std::uint16_t first = 0, last = 0;
  bool operator==(const QueueRange&) const = default;
};

/// "nfmark": value and the bits of the packet mark that it replaces. "release": value and the bits that are looked at.
struct PacketMark {
  std::uint32_t value = 0, mask = 0xffffffff;
  bool operator==(const PacketMark&) const = default;
};

/// ICMP error or TCP reset of a reject rule (iptables-extensions(8), REJECT).
enum class RejectType {
  NetUnreachable,
  HostUnreachable,
  ProtoUnreachable,
  PortUnreachable,
  NetProhibited,
  HostProhibited,
  AdminProhibited,
  TcpReset
};

/// The word of the rule language: "icmp-port-unreachable".
[[nodiscard]] std::string_view to_string(RejectType type);

/// A bandwidth of a shaping option, as written.
struct Rate {
  std::uint64_t value = 0;
  std::string unit;  ///< kbit, mbit, kbps or mbps
  bool operator==(const Rate&) const = default;
};

/// Options of a rule; an option that was not written is empty. The spans cover name and value.
struct Options {
  std::optional<Located<bool>> log;                 ///< always true when present
  std::optional<Located<std::uint32_t>> log_limit;  ///< records a second, 0 for no limit
  std::optional<Located<std::string>> log_prefix;
  std::optional<Located<RateLimit>> limit;
  std::optional<Located<std::uint32_t>> burst;
  std::optional<Located<std::string>> comment;
  std::optional<Located<std::vector<net::PortRange>>> listen_ports;
  std::optional<Located<std::vector<net::PortRange>>> remote_ports;
  std::optional<Located<std::uint16_t>> redirect_port;
  std::optional<Located<std::string>> in_interface;   ///< in_int (old: int)
  std::optional<Located<std::string>> out_interface;  ///< out_int
  std::optional<Located<std::string>> via_interface;  ///< via_int
  std::optional<Located<RejectType>> reject_type;
  std::optional<Located<PacketMark>> nfmark;
  std::optional<Located<std::string>> chain;
  std::optional<Located<QueueRange>> queue;   ///< nfqueuenum
  std::optional<Located<bool>> queue_bypass;  ///< bypass
  std::optional<Located<bool>> queue_fanout;  ///< fanout
  /// release: the packet mark with which a program that inspects hands a connection back.
  std::optional<Located<PacketMark>> queue_release;
  std::optional<Located<bool>> queue_drop_urgent;   ///< dropurg
  std::optional<Located<std::uint16_t>> log_group;  ///< nflognum
  std::optional<Located<bool>> random;
  std::optional<Located<Rate>> in_min, in_max, out_min, out_max;  ///< kept for shaping
  std::optional<Located<std::uint8_t>> priority;                  ///< prio, kept for shaping
  /// Options that are not known or obsolete, kept as written: name and value (no value: "name" alone).
  std::vector<std::pair<std::string, std::optional<std::string>>> others;
  bool operator==(const Options&) const = default;
};

/// A line of rules/rules.conf.
struct Rule {
  /// Place in the file, counted from 1 over all RULE lines, separators and inactive ones included: the number that
  /// messages, comments and chain names show.
  std::uint32_t number = 0;
  bool active = true;  ///< false: written with a leading ';'
  Located<Action> action;
  Located<std::string> service;  ///< name, or "any"
  Located<Endpoint> from, to;    ///< unused by separators
  Options options;
  diag::Span span;  ///< the text between the quotes

  friend bool operator==(const Rule& a, const Rule& b) {
    return a.number == b.number && a.active == b.active && a.action == b.action && a.service == b.service &&
           a.from == b.from && a.to == b.to && a.options == b.options;
  }
};

/// A short form for messages and comments: "accept http from lan to inet".
[[nodiscard]] std::string summary(const Rule& rule);

}  // namespace vuurmuur::model
