// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/json_line.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "log/json_members.h"

namespace vuurmuur::log {
namespace {

using Json = nlohmann::json;

void append_digits(std::string& out, unsigned long number, int digits) {
  const std::size_t at = out.size();
  out.append(static_cast<std::size_t>(digits), '0');
  for (std::size_t i = out.size(); i-- > at; number /= 10) out[i] = static_cast<char>('0' + number % 10);
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class Number>
std::optional<Number> number_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto value = found->get<std::uint64_t>();
  if (value > std::numeric_limits<Number>::max()) return std::nullopt;
  return static_cast<Number>(value);
}

}  // namespace

void append_utc(std::string& out, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  append_digits(out, static_cast<unsigned long>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned long>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned long>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned long>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned long>(clock.subseconds().count()), 6);
  out += 'Z';
}

std::optional<Time> utc_from(std::string_view text) {
  if (text.size() != 27 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != '.' || text[26] != 'Z')
    return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t count) { return base::parse_number<unsigned>(text.substr(at, count)); };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2), hour = part(11, 2), minute = part(14, 2),
             second = part(17, 2), micro = part(20, 6);
  if (!year || !month || !day || !hour || !minute || !second || !micro) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + std::chrono::microseconds(*micro);
}

void append_json(std::string& out, const Entry& entry) {
  out += "{\"time\": \"";
  append_utc(out, entry.time);
  out += '"';
  JsonMembers members(out);
  const Packet& packet = entry.packet;
  members.text("action", entry.action);
  members.text("service", entry.names.service);
  members.text("from", entry.names.from);
  members.text("to", entry.names.to);
  members.text("from_zone", entry.names.from_zone);
  members.text("to_zone", entry.names.to_zone);
  members.text("prefix", base::trim(entry.prefix));
  members.text("in", entry.in_device);
  members.text("out", entry.out_device);
  members.address("source", packet.source);
  if (packet.ports) members.number("source_port", packet.ports->source);
  members.mac("source_mac", entry.source_mac);
  members.address("destination", packet.destination);
  if (packet.ports) members.number("destination_port", packet.ports->destination);
  members.mac("destination_mac", entry.destination_mac);
  members.text("protocol", protocol_text(packet.protocol));
  if (packet.tcp_flags) members.text("tcp_flags", tcp_flags_text(*packet.tcp_flags));
  if (packet.icmp) {
    members.number("icmp_type", packet.icmp->type);
    members.number("icmp_code", packet.icmp->code);
  }
  members.number("length", packet.length);
  members.number("ttl", packet.ttl);
  if (entry.mark != 0) members.number("mark", entry.mark);
  if (entry.user) members.number("user", *entry.user);
  members.text("rule", entry.rule.label);
  members.text("place", entry.rule.place);
  members.text("identity", entry.rule.identity);
  out += '}';
}

std::optional<Entry> read_json_line(std::string_view line) {
  const Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return std::nullopt;
  Entry entry;
  const auto time = utc_from(text_in(object, "time"));
  const auto source = net::Address::parse(text_in(object, "source"));
  const auto destination = net::Address::parse(text_in(object, "destination"));
  const auto protocol = protocol_from(text_in(object, "protocol"));
  if (!time || !source || !destination || !protocol) return std::nullopt;
  entry.time = *time;
  entry.action = text_in(object, "action");
  entry.prefix = text_in(object, "prefix");
  entry.names = {.service = text_in(object, "service"),
                 .from = text_in(object, "from"),
                 .to = text_in(object, "to"),
                 .from_zone = text_in(object, "from_zone"),
                 .to_zone = text_in(object, "to_zone")};
  entry.in_device = text_in(object, "in");
  entry.out_device = text_in(object, "out");
  entry.source_mac = net::MacAddress::parse(text_in(object, "source_mac"));
  entry.destination_mac = net::MacAddress::parse(text_in(object, "destination_mac"));
  Packet& packet = entry.packet;
  packet.source = *source;
  packet.destination = *destination;
  packet.protocol = *protocol;
  const auto source_port = number_in<std::uint16_t>(object, "source_port"),
             destination_port = number_in<std::uint16_t>(object, "destination_port");
  if (source_port && destination_port) packet.ports = Packet::Ports{*source_port, *destination_port};
  packet.tcp_flags = tcp_flags_from(text_in(object, "tcp_flags"));
  const auto type = number_in<std::uint8_t>(object, "icmp_type"), code = number_in<std::uint8_t>(object, "icmp_code");
  if (type && code) packet.icmp = Packet::Icmp{*type, *code};
  packet.length = number_in<std::uint32_t>(object, "length").value_or(0);
  packet.ttl = number_in<std::uint8_t>(object, "ttl").value_or(0);
  entry.mark = number_in<std::uint32_t>(object, "mark").value_or(0);
  entry.user = number_in<std::uint32_t>(object, "user");
  entry.rule = {.identity = text_in(object, "identity"), .label = text_in(object, "rule"), .place = text_in(object, "place")};
  return entry;
}

}  // namespace vuurmuur::log
