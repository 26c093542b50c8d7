// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/named_connection.h"
#include "log/record.h"

// Lines of connections as they begin and end. The readable ones are those of connnew.log and connections.log of
// Vuurmuur 0.8, so that what reads them goes on working:
//
//   Nov 23 22:51:07: NEW service http from 192.168.1.50 to firewall(lan) (192.168.1.50:39971 -> 192.168.1.1:80 TCP)
//   Nov 23 22:51:07: ACCEPT service http from 192.168.1.50 to firewall(lan) (0s 60b><40b 192.168.1.50:39971 ->
//   192.168.1.1:80 TCP mark:1)
//
// in one line, with " helper:ftp" before the parenthesis ends. Added there: " seen as 203.0.113.2:5000" and
// " sent to 192.168.1.80:80" where NAT makes an end another one; and behind it, in brackets, which way the connection
// goes, its packets, its queue, log group or packet mark where the action does not say it, and the rule that admitted
// it:
// "[in, 5p><4p, rule 3: accept http from lan to firewall, rules/rules.conf:3]".
// Addresses of IPv6 with ports stand in brackets, as nobody could tell where they end.
//
// As JSON an object: {"time", "event" ("new" or "end"), "action", "service", "from", "to", "from_zone", "to_zone",
// "source", "source_port", "destination", "destination_port", "protocol", "icmp_type", "icmp_code", "seen_as",
// "seen_as_port", "sent_to", "sent_to_port", "direction", "duration" (seconds), "packets", "bytes", "packets_back",
// "bytes_back", "queue", "log_group", "packet_mark", "mark", "helper", "rule", "place", "id"}. What there is not is
// left out.
namespace vuurmuur::control {

/// A connection has begun or ended. Refers to what it is about.
struct ConnectionEvent {
  enum class What : std::uint8_t { Begun, Ended };
  What what = What::Begun;
  log::Time time{};
  const NamedConnection& named;
  std::optional<std::chrono::seconds> duration{};  ///< of one that has ended, where it is known

  [[nodiscard]] bool has_ended() const { return what == What::Ended; }
};

/// Seen from this machine: "in", "out", "forward", or "local" for what it sends to itself. What goes to a group or to
/// all of a network comes in.
[[nodiscard]] std::string_view direction_of(const NamedConnection& named);

/// The readable line without its time and its line break. Everything that others could have chosen is escaped.
void append_text(std::string& out, const ConnectionEvent& event);
/// The object, without a line break.
void append_json(std::string& out, const ConnectionEvent& event);
/// The fields of systemd's journal but the message: VUURMUUR_EVENT, VUURMUUR_SOURCE… for all that the object has.
void append_journal_fields(std::string& out, const ConnectionEvent& event);

}  // namespace vuurmuur::control
