// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connection_event.h"

#include <fmt/format.h>

#include <iterator>

#include "apply/first_packet.h"
#include "log/escape.h"
#include "log/journal.h"
#include "log/json_line.h"
#include "log/json_members.h"

namespace vuurmuur::control {
namespace {

using apply::ConnectionTuple;

std::string name_or_address(const filter::End& end) {
  return end.name.empty() ? end.address.to_string() : std::string(end.name);
}

/// "192.168.1.50:39971", "[2001:db8::1]:80", or the address alone.
std::string numbers(filter::End end) {
  end.name = {};
  return text_of(end);
}

std::string action_of(const ConnectionEvent& event) {
  if (!event.has_ended()) return "NEW";
  const ir::MarkField& field = event.named.field;
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

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

bool is_broadcast(const filter::End& end) { return end.name.ends_with("(broadcast)"); }

/// "A:1 -> B:2 TCP".
void append_numbers(std::string& out, const NamedConnection& named) {
  const ConnectionTuple& original = named.tracked->connection.original;
  fmt::format_to(std::back_inserter(out), "{} -> {} {}", numbers(named.source()), numbers(asked(named)),
                 log::protocol_text(original.protocol));
  if (is_icmp(original.protocol))
    fmt::format_to(std::back_inserter(out), " type {} code {}", original.icmp_type, original.icmp_code);
}

/// " [in, 5p><4p, rule 3: …, rules/rules.conf:3]".
void append_added(std::string& out, const ConnectionEvent& event) {
  const NamedConnection& named = event.named;
  out += " [";
  out += direction_of(named);
  if (event.has_ended())
    fmt::format_to(std::back_inserter(out), ", {}p><{}p", named.tracked->to.packets, named.tracked->back.packets);
  // That of a queue or a log group is the action of what has ended.
  if (!event.has_ended() || named.field.kind == ir::MarkKind::Marked)
    if (const std::string field = field_text(named.field); !field.empty()) out += ", " + field;
  for (const std::string_view text : {named.rule, named.place}) {
    if (text.empty()) continue;
    out += ", ";
    log::append_escaped(out, text);
  }
  out += ']';
}

/// Gives `out` all that there is to say, each with its key.
template <class Out>
void tell(const ConnectionEvent& event, Out& out) {
  const NamedConnection& named = event.named;
  const apply::TrackedConnection& tracked = *named.tracked;
  const ConnectionTuple& original = tracked.connection.original;
  const auto end = [&out](std::string_view address, std::string_view port, const filter::End& at) {
    out.address(address, at.address);
    if (at.port) out.number(port, *at.port);
  };
  out.text("event", event.has_ended() ? "end" : "new");
  if (event.has_ended()) out.text("action", action_of(event));
  out.text("service", service_text(named));
  out.text("from", name_or_address(named.source()));
  out.text("to", name_or_address(named.destination()));
  out.text("from_zone", named.source().zone);
  out.text("to_zone", named.destination().zone);
  end("source", "source_port", named.source());
  end("destination", "destination_port", asked(named));
  out.text("protocol", log::protocol_text(original.protocol));
  if (is_icmp(original.protocol)) {
    out.number("icmp_type", original.icmp_type);
    out.number("icmp_code", original.icmp_code);
  }
  if (named.source_count > 1) end("seen_as", "seen_as_port", named.sources[1]);
  if (named.destination_count > 1) end("sent_to", "sent_to_port", named.destination());
  out.text("direction", direction_of(named));
  if (event.duration) out.number("duration", static_cast<std::uint64_t>(event.duration->count()));
  if (event.has_ended() && tracked.is_counted()) {
    out.number("packets", tracked.to.packets);
    out.number("bytes", tracked.to.bytes);
    out.number("packets_back", tracked.back.packets);
    out.number("bytes_back", tracked.back.bytes);
  }
  switch (named.field.kind) {
    case ir::MarkKind::Plain: break;
    case ir::MarkKind::Queued: out.number("queue", named.field.number); break;
    case ir::MarkKind::Logged: out.number("log_group", named.field.number); break;
    case ir::MarkKind::Marked: out.number("packet_mark", named.field.number); break;
  }
  if (tracked.connection.mark != 0) out.number("mark", tracked.connection.mark);
  out.text("helper", tracked.helper);
  out.text("rule", named.rule);
  out.text("place", named.place);
  out.number("id", tracked.connection.id);
}

/// "source_port" is VUURMUUR_SOURCE_PORT there.
class JournalFields {
 public:
  explicit JournalFields(std::string& out) : out_(out) {}
  void text(std::string_view key, std::string_view value) { log::append_journal_field(out_, name(key), value); }
  void number(std::string_view key, std::uint64_t value) { log::append_journal_field(out_, name(key), value); }
  void address(std::string_view key, const net::Address& value) { text(key, value.to_string()); }

 private:
  std::string_view name(std::string_view key) {
    name_ = "VUURMUUR_";
    for (const char c : key) name_ += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name_;
  }

  std::string& out_;
  std::string name_;
};

}  // namespace

std::string_view direction_of(const NamedConnection& named) {
  const bool is_from_here = named.source().zone == names::kFirewall;
  const filter::End& to = named.destination();
  if (to.zone == names::kFirewall) return is_from_here ? "local" : "in";
  if (is_from_here) return "out";
  return is_broadcast(to) || !apply::is_routable(to.address) ? "in" : "forward";
}

void append_text(std::string& out, const ConnectionEvent& event) {
  const NamedConnection& named = event.named;
  const apply::TrackedConnection& tracked = *named.tracked;
  out += action_of(event);
  out += " service ";
  log::append_escaped(out, service_text(named));
  out += " from ";
  log::append_escaped(out, name_or_address(named.source()));
  out += " to ";
  log::append_escaped(out, name_or_address(named.destination()));
  out += " (";
  if (event.has_ended())
    fmt::format_to(std::back_inserter(out), "{}s {}b><{}b ",
                   event.duration ? std::to_string(event.duration->count()) : "?", tracked.to.bytes,
                   tracked.back.bytes);
  append_numbers(out, named);
  if (event.has_ended()) fmt::format_to(std::back_inserter(out), " mark:{}", tracked.connection.mark);
  if (named.source_count > 1) out += " seen as " + numbers(named.sources[1]);
  if (named.destination_count > 1) out += " sent to " + numbers(named.destination());
  if (!tracked.helper.empty()) {
    out += " helper:";
    log::append_escaped(out, tracked.helper);
  }
  out += ')';
  append_added(out, event);
}

void append_json(std::string& out, const ConnectionEvent& event) {
  out += "{\"time\": \"";
  log::append_utc(out, event.time);
  out += '"';
  log::JsonMembers members(out);
  tell(event, members);
  out += '}';
}

void append_journal_fields(std::string& out, const ConnectionEvent& event) {
  JournalFields fields(out);
  tell(event, fields);
}

}  // namespace vuurmuur::control
