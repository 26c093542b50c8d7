// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/port_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "base/strings.h"
#include "config/ranges.h"
#include "diag/diagnostic.h"
#include "screens/icmp_names.h"
#include "screens/object_lines.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using net::Protocol;
using ui::fill;
using ui::FormProblem;
using ui::FormRow;
using ui::to_translate;
using ui::tr;

struct ProtocolName {
  std::string_view name;
  unsigned number;
  const char* help;  ///< as it is registered (IANA "Assigned Internet Protocol Numbers")
};

/// Those that are offered; any other is written as its number.
constexpr std::array kProtocols{
    ProtocolName{"tcp", 6, "Transmission Control"},
    ProtocolName{"udp", 17, "User Datagram"},
    ProtocolName{"icmp", 1, "Internet Control Message, IPv4"},
    ProtocolName{"icmpv6", 58, "Internet Control Message, IPv6"},
    ProtocolName{"gre", 47, "Generic Routing Encapsulation"},
    ProtocolName{"ah", 51, "Authentication Header"},
    ProtocolName{"esp", 50, "Encapsulating Security Payload"},
    ProtocolName{"igmp", 2, "Internet Group Management"},
    ProtocolName{"ipip", 4, "IPv4 in IP"},
    ProtocolName{"dccp", 33, "Datagram Congestion Control"},
    ProtocolName{"ipv6", 41, "IPv6 in IP"},
    ProtocolName{"ospf", 89, "Open Shortest Path First"},
    ProtocolName{"pim", 103, "Protocol Independent Multicast"},
    ProtocolName{"vrrp", 112, "Virtual Router Redundancy"},
    ProtocolName{"l2tp", 115, "Layer Two Tunneling"},
    ProtocolName{"sctp", 132, "Stream Control Transmission"},
    ProtocolName{"udplite", 136, "Lightweight User Datagram"},
};

bool is_icmp(Protocol protocol) { return protocol == Protocol::Icmp || protocol == Protocol::Icmpv6; }

std::string name_of(Protocol protocol) {
  const auto found = std::ranges::find(kProtocols, static_cast<unsigned>(protocol), &ProtocolName::number);
  return found == kProtocols.end() ? fmt::format("{}", static_cast<unsigned>(protocol)) : std::string(found->name);
}

/// Ports as people write them.
std::string shown(const net::PortRange& ports) { return ports.is_any() ? "" : ports.to_string(); }

/// "80-90" is meant too; nothing is any port.
std::string as_written(const std::string& text) {
  std::string written(base::trim(text));
  if (written.empty() || base::equals_ignoring_case(written, "any")) return "0";
  std::ranges::replace(written, '-', ':');
  return written;
}

std::string first_message(const diag::Sink& sink) { return sink.all().empty() ? "" : text_of(sink.all().front()); }

}  // namespace

PortFields::PortFields(const std::optional<model::PortSet>& ports)
    : values_{{"protocol", "tcp"}, {"to", ""}, {"from", ""}, {"type", ""}, {"code", ""}} {
  if (!ports) return;
  values_["protocol"] = name_of(ports->protocol);
  values_["to"] = shown(ports->destination);
  values_["from"] = shown(ports->source);
  if (ports->icmp_type) values_["type"] = fmt::format("{}", *ports->icmp_type);
  if (ports->icmp_code) values_["code"] = fmt::format("{}", *ports->icmp_code);
}

std::optional<Protocol> PortFields::protocol() const {
  const std::string_view text = base::trim(value("protocol"));
  for (const ProtocolName& known : kProtocols)
    if (base::equals_ignoring_case(known.name, text)) return static_cast<Protocol>(known.number);
  if (base::equals_ignoring_case(text, "ipv6-icmp")) return Protocol::Icmpv6;
  const auto number = base::parse_number<std::uint8_t>(text);
  return number ? std::optional(static_cast<Protocol>(*number)) : std::nullopt;
}

std::vector<FormRow> PortFields::rows() const {
  std::vector<FormRow> rows{{.id = "protocol",
                             .label = tr("Protocol"),
                             .value = value("protocol"),
                             .help = tr("tcp, udp, icmp, icmpv6, gre, ah, esp, … or a number from 0 to 255"),
                             .has_picker = true,
                             .is_needed = true}};
  const auto known = protocol();
  if (!known) return rows;
  if (net::has_ports(*known)) {
    rows.push_back({.id = "to",
                    .label = tr("To ports"),
                    .value = value("to"),
                    .help = tr("a port, or a range like 6000:6063; nothing is any port")});
    rows.push_back({.id = "from",
                    .label = tr("From ports"),
                    .value = value("from"),
                    .help = tr("of the one who begins; nothing is any port, often 1024:65535")});
  } else if (is_icmp(*known)) {
    rows.push_back({.id = "type",
                    .label = tr("Type"),
                    .value = value("type"),
                    .help = tr("a number from 0 to 255; nothing is every type; Enter lists them"),
                    .has_picker = true});
    rows.push_back({.id = "code",
                    .label = tr("Code"),
                    .value = value("code"),
                    .help = tr("a number from 0 to 255; nothing is every code of the type"),
                    .has_picker = true});
  }
  return rows;
}

void PortFields::set(std::string_view row, std::string value) {
  const auto there = values_.find(row);
  if (there != values_.end()) there->second = std::move(value);
}

const std::string& PortFields::value(std::string_view row) const {
  static const std::string none;
  const auto there = values_.find(row);
  return there == values_.end() ? none : there->second;
}

std::optional<model::PortSet> PortFields::read(std::vector<FormProblem>& problems) const {
  const auto known = protocol();
  if (!known) {
    const std::string& written = value("protocol");
    std::vector<std::string_view> names;
    for (const ProtocolName& one : kProtocols) names.push_back(one.name);
    const auto near = base::nearest(written, names);
    problems.push_back(
        {.id = "protocol",
         .text = near ? fill(tr("no protocol is named '{}'; did you mean '{}'?"), written, *near)
                      : fill(tr("expects the name of a protocol or a number from 0 to 255, not '{}'"), written)});
    return std::nullopt;
  }
  model::PortSet ports{.protocol = *known, .icmp_type = {}, .icmp_code = {}};
  if (net::has_ports(*known)) {
    for (const auto& [row, range] : {std::pair("to", &ports.destination), std::pair("from", &ports.source)}) {
      diag::Sink sink;
      const config::Value text(as_written(value(row)), diag::FileId{}, 0);
      if (const auto read = config::read_ports(text, text.trimmed(), sink))
        *range = *read;
      else
        problems.push_back({.id = row, .text = first_message(sink)});
    }
  } else if (is_icmp(*known)) {
    for (const auto& [row, number] : {std::pair("type", &ports.icmp_type), std::pair("code", &ports.icmp_code)}) {
      const std::string_view text = base::trim(value(row));
      if (text.empty() || base::equals_ignoring_case(text, "any")) continue;
      *number = base::parse_number<std::uint8_t>(text);
      if (!*number) problems.push_back({.id = row, .text = fill(tr("expects a number from 0 to 255, not '{}'"), text)});
    }
    if (ports.icmp_code && base::trim(value("type")).empty())
      problems.push_back({.id = "code", .text = tr("an ICMP code needs a type")});
  }
  return problems.empty() ? std::optional(ports) : std::nullopt;
}

std::vector<FormProblem> PortFields::problems() const {
  std::vector<FormProblem> problems;
  static_cast<void>(read(problems));
  return problems;
}

std::optional<model::PortSet> PortFields::ports() const {
  std::vector<FormProblem> problems;
  return read(problems);
}

std::vector<Choice> PortFields::protocol_choices() {
  std::vector<Choice> choices;
  for (const ProtocolName& known : kProtocols)
    choices.push_back(
        {.value = std::string(known.name), .label = "", .note = fmt::format("{}  {}", known.number, known.help)});
  return choices;
}

std::vector<Choice> PortFields::icmp_choices() const {
  std::vector<Choice> choices{{.value = "", .label = tr("every message"), .note = ""}};
  for (const IcmpName& message : icmp_names()) {
    if (message.protocol != protocol()) continue;
    const std::string value =
        message.code ? fmt::format("{}/{}", message.type, *message.code) : fmt::format("{}", message.type);
    choices.push_back({.value = value, .label = fmt::format("{:<7}{}", value, message.name), .note = ""});
  }
  return choices;
}

std::string icmp_name(const model::PortSet& ports) {
  if (!ports.icmp_type) return "";
  for (const IcmpName& message : icmp_names())
    if (message.protocol == ports.protocol && message.type == *ports.icmp_type && message.code == ports.icmp_code)
      return message.name;
  // The type says something, if the code does not.
  for (const IcmpName& message : icmp_names())
    if (message.protocol == ports.protocol && message.type == *ports.icmp_type && !message.code) return message.name;
  return "";
}

}  // namespace vuurmuur::screens
