// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_line.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

namespace vuurmuur::control {
namespace {

using apply::ConnectionTuple;

/// "TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ESP", "AH", "PROTO 132", as in the original's logs.
std::string protocol_text(net::Protocol protocol) {
  switch (protocol) {
    case net::Protocol::Tcp: return "TCP";
    case net::Protocol::Udp: return "UDP";
    case net::Protocol::Icmp: return "ICMP";
    case net::Protocol::Icmpv6: return "ICMPv6";
    case net::Protocol::Gre: return "GRE";
    case net::Protocol::Esp: return "ESP";
    case net::Protocol::Ah: return "AH";
    case net::Protocol::Ipv6: break;
  }
  return fmt::format("PROTO {}", static_cast<unsigned>(protocol));
}

std::string name_or_address(const filter::End& end) {
  return end.name.empty() ? end.address.to_string() : std::string(end.name);
}

/// "192.168.1.50:39971", "[2001:db8::1]:80", or the address alone.
std::string numbers(filter::End end) {
  end.name = {};
  return text_of(end);
}

std::string action_of(const ir::MarkField& field) {
  switch (field.kind) {
    case ir::MarkKind::Queued: return fmt::format("NFQUEUE({})", field.number);
    case ir::MarkKind::Logged: return fmt::format("NFLOG({})", field.number);
    case ir::MarkKind::Plain:
    case ir::MarkKind::Marked: break;
  }
  return "ACCEPT";
}

/// Whom the source asked for, which is who answers unless NAT made it another.
const filter::End& asked(const NamedConnection& named) { return named.destinations[named.destination_count - 1]; }

/// "service http from A to B (".
void append_begin(std::string& out, const NamedConnection& named) {
  fmt::format_to(std::back_inserter(out), "service {} from {} to {} (", service_text(named),
                 name_or_address(named.source()), name_or_address(named.destination()));
}

/// "A:1 -> B:2 TCP".
void append_numbers(std::string& out, const NamedConnection& named) {
  const ConnectionTuple& original = named.tracked->connection.original;
  fmt::format_to(std::back_inserter(out), "{} -> {} {}", numbers(named.source()), numbers(asked(named)),
                 protocol_text(original.protocol));
  if (original.protocol == net::Protocol::Icmp || original.protocol == net::Protocol::Icmpv6)
    fmt::format_to(std::back_inserter(out), " type {} code {}", original.icmp_type, original.icmp_code);
}

/// What NAT does, the helper, the rule, and the end of the line.
void append_end(std::string& out, const NamedConnection& named) {
  if (named.source_count > 1) fmt::format_to(std::back_inserter(out), " seen as {}", numbers(named.sources[1]));
  if (named.destination_count > 1) fmt::format_to(std::back_inserter(out), " sent to {}", numbers(named.destination()));
  if (!named.tracked->helper.empty()) fmt::format_to(std::back_inserter(out), " helper:{}", named.tracked->helper);
  out += ")\n";
}

}  // namespace

void ConnectionLine::append_time(std::string& out, Time time) {
  if (second_ != time) {
    constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    stamp_ = fmt::format("{} {:2} {:02}:{:02}:{:02}: ", kMonths[static_cast<std::size_t>(local.tm_mon)], local.tm_mday,
                         local.tm_hour, local.tm_min, local.tm_sec);
    second_ = time;
  }
  out += stamp_;
}

void ConnectionLine::append_new(std::string& out, const NamedConnection& named, Time time) {
  append_time(out, time);
  out += "NEW ";
  append_begin(out, named);
  append_numbers(out, named);
  append_end(out, named);
}

void ConnectionLine::append_ended(std::string& out, const NamedConnection& named, Time time,
                                  std::optional<std::chrono::seconds> duration) {
  append_time(out, time);
  out += action_of(named.field);
  out += ' ';
  append_begin(out, named);
  const apply::TrackedConnection& tracked = *named.tracked;
  fmt::format_to(std::back_inserter(out), "{}s {}b><{}b ", duration ? std::to_string(duration->count()) : "?",
                 tracked.to.bytes, tracked.back.bytes);
  append_numbers(out, named);
  fmt::format_to(std::back_inserter(out), " mark:{}", tracked.connection.mark);
  append_end(out, named);
}

void ConnectionLine::append_note(std::string& out, std::string_view note, Time time) {
  append_time(out, time);
  out += note;
  out += '\n';
}

}  // namespace vuurmuur::control
