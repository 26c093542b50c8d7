// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/connection_text.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

#include "screens/log_text.h"
#include "screens/numbers.h"
#include "screens/when.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::ConnectionEnd;
using app::LiveConnection;
using ui::fill;
using ui::Role;
using ui::tr;

struct ProtocolRow {
  std::int64_t number;
  const char* name;
};
constexpr std::array kProtocols{ProtocolRow{IPPROTO_ICMP, "ICMP"}, ProtocolRow{IPPROTO_TCP, "TCP"},
                                ProtocolRow{IPPROTO_UDP, "UDP"},   ProtocolRow{IPPROTO_GRE, "GRE"},
                                ProtocolRow{IPPROTO_ESP, "ESP"},   ProtocolRow{IPPROTO_ICMPV6, "ICMPv6"},
                                ProtocolRow{IPPROTO_SCTP, "SCTP"}};

std::string place_of(const ConnectionEnd& end) { return with_port(end.address, end.port); }

}  // namespace

std::string end_name(const ConnectionEnd& end) { return end.name.empty() ? end.address : end.name; }

std::string protocol_name(std::int64_t protocol) {
  const auto found = std::ranges::find(kProtocols, protocol, &ProtocolRow::number);
  return found == kProtocols.end() ? fmt::format("PROTO {}", protocol) : found->name;
}

std::string mark_text(const LiveConnection& connection) {
  if (connection.kind == "queue") return fill(tr("queue {}"), connection.number.value_or(0));
  if (connection.kind == "log_group") return fill(tr("group {}"), connection.number.value_or(0));
  return connection.mark == 0 ? "" : fill(tr("mark {}"), fmt::format("{:#x}", connection.mark));
}

std::string flow_text(const LiveConnection& connection) {
  std::string text = fmt::format("{} -> {} {}", place_of(connection.source), place_of(connection.destination),
                                 protocol_name(connection.protocol));
  if (!connection.state.empty()) text += " " + connection.state;
  if (connection.source_seen_as) text += ", " + fill(tr("seen as {}"), place_of(*connection.source_seen_as));
  if (connection.destination_asked) text += ", " + fill(tr("asked for {}"), place_of(*connection.destination_asked));
  return text;
}

std::vector<TextLine> connection_details(const LiveConnection& connection, std::int64_t now) {
  std::vector<TextLine> lines;
  lines.push_back({.text = flow_text(connection), .role = Role::Heading});
  lines.push_back({});
  const auto row = [&lines](const char* head, const std::string& value) {
    if (!value.empty()) lines.push_back({.text = fmt::format("{:<14}{}", tr(head), value)});
  };
  row(ui::to_translate("Service"), connection.service);
  row(ui::to_translate("From"), end_name(connection.source));
  row(ui::to_translate("To"), end_name(connection.destination));
  row(ui::to_translate("Rule"), connection.rule + (connection.place.empty() ? "" : "  (" + connection.place + ")"));
  row(ui::to_translate("Mark"), mark_text(connection));
  row(ui::to_translate("Helper"), connection.helper);
  row(ui::to_translate("Progress"), connection.progress);
  row(ui::to_translate("There"), fill(tr("{} packets, {} bytes"), connection.packets, connection.bytes));
  row(ui::to_translate("Back"), fill(tr("{} packets, {} bytes"), connection.packets_back, connection.bytes_back));
  if (connection.began)
    row(ui::to_translate("Began"), fmt::format("{} ({})", date_time(*connection.began),
                                               short_time(std::max<std::int64_t>(0, now - *connection.began))));
  row(ui::to_translate("Forgotten in"), short_time(connection.seconds_left));
  return lines;
}

std::string filter_of(const LiveConnection& connection) {
  std::string text = fmt::format("src:{} dst:{} proto:{}", connection.source.address, connection.destination.address,
                                 connection.protocol);
  if (connection.source.port) text += fmt::format(" sport:{}", *connection.source.port);
  if (connection.destination.port) text += fmt::format(" dport:{}", *connection.destination.port);
  return text;
}

}  // namespace vuurmuur::screens
