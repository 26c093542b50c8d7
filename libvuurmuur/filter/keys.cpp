// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/keys.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/strings.h"

namespace vuurmuur::filter {
namespace {

constexpr std::uint8_t kConnections = static_cast<std::uint8_t>(Of::Connections),
                       kLog = static_cast<std::uint8_t>(Of::Log), kBoth = kConnections | kLog;

constexpr std::array kKeys{
    KeyRow{Key::Source, "src", "source", ValueKind::End, kBoth, "who opened it, before or behind NAT"},
    KeyRow{Key::Destination, "dst", "destination", ValueKind::End, kBoth, "where it goes, before or behind NAT"},
    KeyRow{Key::Host, "host", "", ValueKind::End, kBoth, "a host, a group or an address at either end"},
    KeyRow{Key::Network, "net", "network", ValueKind::End, kBoth, "a network at either end"},
    KeyRow{Key::Zone, "zone", "", ValueKind::Name, kBoth, "a zone at either end, or firewall"},
    KeyRow{Key::Service, "service", "", ValueKind::Name, kBoth, "a service by its name"},
    KeyRow{Key::Protocol, "proto", "protocol", ValueKind::Protocol, kBoth, "tcp, udp, icmp, icmpv6…, or a number"},
    KeyRow{Key::Port, "port", "", ValueKind::Port, kBoth, "a port at either end: 22, 80,443 or 6000-6063"},
    KeyRow{Key::SourcePort, "sport", "", ValueKind::Port, kBoth, "the port of who opened it"},
    KeyRow{Key::DestinationPort, "dport", "", ValueKind::Port, kBoth, "the port that it goes to"},
    KeyRow{Key::State, "state", "", ValueKind::State, kConnections,
           "established, syn_sent… of TCP; unreplied, replied, assured"},
    KeyRow{Key::Queue, "queue", "", ValueKind::Number, kBoth, "the queue (NFQUEUE) that its packets go to"},
    KeyRow{Key::LogGroup, "group", "", ValueKind::Number, kBoth, "the log group (NFLOG) that its packets go to"},
    KeyRow{Key::Mark, "mark", "", ValueKind::Mark, kBoth, "the whole mark, or VALUE/MASK"},
    KeyRow{Key::Rule, "rule", "", ValueKind::Text, kBoth, "the number of a rule, or a part of its text"},
    KeyRow{Key::Helper, "helper", "", ValueKind::Name, kConnections, "the helper that reads it: ftp"},
    KeyRow{Key::Family, "family", "", ValueKind::Family, kBoth, "4 or 6"},
    KeyRow{Key::Bytes, "bytes", "", ValueKind::Amount, kConnections, "both ways together: >1M, <100, 10k-20k"},
    KeyRow{Key::Packets, "packets", "", ValueKind::Amount, kConnections, "both ways together"},
    KeyRow{Key::InDevice, "in", "", ValueKind::Name, kLog, "the device that it came by"},
    KeyRow{Key::OutDevice, "out", "", ValueKind::Name, kLog, "the device that it left by"},
    KeyRow{Key::Action, "action", "", ValueKind::Name, kLog, "what became of it: drop, reject…"},
    KeyRow{Key::Prefix, "prefix", "", ValueKind::Text, kLog, "a part of the prefix of the record"},
};

constexpr std::array<std::string_view, 12> kStates{"syn_sent",   "syn_recv",  "established", "fin_wait",
                                                   "close_wait", "last_ack",  "time_wait",   "close",
                                                   "syn_sent2",  "unreplied", "replied",     "assured"};

struct ProtocolName {
  std::string_view name;
  std::uint8_t number;
};
/// IANA "Assigned Internet Protocol Numbers": those that conntrack and rules speak of.
constexpr std::array kProtocols{ProtocolName{"icmp", 1},     ProtocolName{"igmp", 2},       ProtocolName{"tcp", 6},
                                ProtocolName{"udp", 17},     ProtocolName{"dccp", 33},      ProtocolName{"ipv6", 41},
                                ProtocolName{"gre", 47},     ProtocolName{"esp", 50},       ProtocolName{"ah", 51},
                                ProtocolName{"icmpv6", 58},  ProtocolName{"ipv6-icmp", 58}, ProtocolName{"sctp", 132},
                                ProtocolName{"udplite", 136}};

}  // namespace

std::span<const KeyRow> keys() { return kKeys; }

const KeyRow* find_key(std::string_view name) {
  const auto found = std::ranges::find_if(
      kKeys, [&](const KeyRow& row) { return row.name == name || (!row.other.empty() && row.other == name); });
  return found == kKeys.end() ? nullptr : &*found;
}

const KeyRow& row_of(Key key) {
  const auto found = std::ranges::find(kKeys, key, &KeyRow::key);
  VM_ASSERT(found != kKeys.end());
  return *found;
}

std::span<const std::string_view> states() { return kStates; }

std::optional<std::uint8_t> protocol_named(std::string_view name) {
  const auto found = std::ranges::find(kProtocols, name, &ProtocolName::name);
  if (found != kProtocols.end()) return found->number;
  return base::parse_number<std::uint8_t>(name);
}

}  // namespace vuurmuur::filter
