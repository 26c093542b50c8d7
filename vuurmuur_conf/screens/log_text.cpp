// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/log_text.h"

#include <fmt/chrono.h>

#include <array>
#include <ctime>

#include "base/strings.h"
#include "ui/translate.h"

namespace vuurmuur::screens {
namespace {

using app::LogEntry;
using ui::fill;
using ui::Role;
using ui::tr;

/// What a rule says of an end: its name, or its zone where it has none. Empty when there is neither.
std::string object_of(std::string name, const std::string& zone) {
  name = name.substr(0, name.find('('));  // "firewall(wan)", "net.zone(broadcast)"
  if (!name.empty() && !net::Address::parse(name)) return name;
  return zone;
}

bool is_accepted(const LogEntry& entry) {
  constexpr std::array<std::string_view, 3> kNotAccepted{"DROP", "REJECT", "TCPRESET"};
  return std::ranges::find(kNotAccepted, entry.action) == kNotAccepted.end();
}

filter::End end_of(const std::string& address, const std::optional<std::int64_t>& port, const std::string& name,
                   const std::string& zone) {
  filter::End end{.address = net::Address::parse(address).value_or(net::Address{}), .zone = zone};
  if (port) end.port = static_cast<std::uint16_t>(*port);
  if (name != address) end.name = name;
  // "host.network.zone": what a filter asks of networks.
  const std::string_view all = end.name;
  const auto dots = std::ranges::count(all, '.');
  if (dots == 1) end.network = all;
  if (dots > 1) end.network = all.substr(all.rfind('.', all.rfind('.') - 1) + 1);
  return end;
}

/// Of a moment in UTC.
std::optional<std::tm> local_time(const std::string& time) {
  std::tm parts{};
  if (::strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  const std::time_t seconds = ::timegm(&parts);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return std::nullopt;
  return local;
}

}  // namespace

std::string clock_time(const std::string& time) {
  const auto local = local_time(time);
  return local ? fmt::format("{:%H:%M:%S}", *local) : time;
}

std::string day_and_time(const std::string& time) {
  const auto local = local_time(time);
  return local ? fmt::format("{:%m-%d %H:%M:%S}", *local) : time;
}

std::string with_port(const std::string& address, const std::optional<std::int64_t>& port) {
  if (!port) return address;
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address, *port) : fmt::format("{}:{}", address, *port);
}

std::string packet_text(const LogEntry& entry) {
  std::string text = fmt::format("{} -> {} {}", with_port(entry.source, entry.source_port),
                                 with_port(entry.destination, entry.destination_port), entry.protocol);
  if (!entry.tcp_flags.empty()) text += " " + entry.tcp_flags;
  if (entry.icmp_type) text += fmt::format(" type {} code {}", *entry.icmp_type, entry.icmp_code.value_or(0));
  if (!entry.in.empty()) text += " in " + entry.in;
  if (!entry.out.empty()) text += " out " + entry.out;
  return text + fmt::format(" len {} ttl {}", entry.length, entry.ttl);
}

std::vector<TextLine> log_details(const LogEntry& entry) {
  std::vector<TextLine> lines;
  const auto add = [&lines](std::string text, Role role = Role::Normal) {
    lines.push_back({.text = std::move(text), .role = role});
  };
  add(fill(tr("{}: {} by {}"), clock_time(entry.time), entry.action,
           entry.rule.empty() ? std::string(tr("a rule that is not known any more")) : entry.rule),
      Role::Heading);
  if (!entry.place.empty()) add(fill(tr("which stands in {}"), entry.place));
  if (rule_number(entry.rule))
    add(tr("It is the first rule, in the order of the policy, that fits the packet."), Role::Dim);
  else if (!entry.rule.empty())
    add(tr("No rule of the policy spoke: this is what is done by default, or a protection."), Role::Dim);
  add("");
  const auto row = [&](const char* head, const std::string& value) {
    if (!value.empty()) add(fmt::format("{:<14}{}", tr(head), value));
  };
  row(ui::to_translate("Service"), entry.service);
  row(ui::to_translate("From"), entry.from);
  row(ui::to_translate("To"), entry.to);
  row(ui::to_translate("Prefix"), entry.prefix);
  row(ui::to_translate("Packet"), packet_text(entry));
  row(ui::to_translate("From MAC"), entry.source_mac);
  row(ui::to_translate("To MAC"), entry.destination_mac);
  if (entry.mark) row(ui::to_translate("Mark"), fmt::format("{:#x}", *entry.mark));
  return lines;
}

bool lets_through(const filter::Filter& filter, const LogEntry& entry) {
  if (filter.is_empty()) return true;
  const std::array from{end_of(entry.source, entry.source_port, entry.from, entry.from_zone)},
      to{end_of(entry.destination, entry.destination_port, entry.to, entry.to_zone)};
  filter::Subject subject{.sources = from, .destinations = to};
  const std::string protocol = base::to_lower(entry.protocol);
  subject.protocol =
      filter::protocol_named(protocol.starts_with("proto ") ? std::string_view(protocol).substr(6) : protocol)
          .value_or(0);
  subject.service = entry.service;
  if (entry.mark) subject.mark = static_cast<std::uint32_t>(*entry.mark);
  subject.rule = entry.rule;
  subject.in_device = entry.in;
  subject.out_device = entry.out;
  subject.action = entry.action;
  subject.prefix = entry.prefix;
  return filter.lets_through(subject);
}

std::optional<std::uint32_t> rule_number(const std::string& rule) {
  constexpr std::string_view kRule = "rule ";
  if (!rule.starts_with(kRule)) return std::nullopt;
  const std::string_view number = std::string_view(rule).substr(kRule.size());
  return base::parse_number<std::uint32_t>(number.substr(0, number.find(':')));
}

base::Result<std::string> opposite_rule(const LogEntry& entry) {
  const std::string from = object_of(entry.from, entry.from_zone), to = object_of(entry.to, entry.to_zone);
  if (entry.service.empty() || entry.service.find("->") != std::string::npos)
    return base::failure(fill(tr("no service has a name for {}: make one first"), packet_text(entry)));
  if (from.empty() || to.empty())
    return base::failure(
        fill(tr("no zone has {}: a rule cannot name it"), from.empty() ? entry.source : entry.destination));
  return fmt::format("{} service {} from {} to {}", is_accepted(entry) ? "drop" : "accept", entry.service, from, to);
}

}  // namespace vuurmuur::screens
