// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/traffic_line.h"

#include <array>
#include <ctime>

#include "base/strings.h"
#include "log/escape.h"

namespace vuurmuur::log {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_two(std::string& out, int number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

void append_end(std::string& out, const net::Address& address, const std::optional<net::MacAddress>& mac,
                std::optional<std::uint16_t> port) {
  const bool brackets = port && address.family == net::Family::Ipv6;
  if (brackets) out += '[';
  append_address(out, address);
  if (brackets) out += ']';
  if (mac) {
    constexpr std::string_view kHex = "0123456789abcdef";
    char before = '(';
    for (const std::uint8_t byte : mac->bytes) {
      out += before;
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      before = ':';
    }
    out += ')';
  }
  if (port) {
    out += ':';
    append_number(out, *port);
  }
}

void append_protocol(std::string& out, const Packet& packet) {
  out += protocol_text(packet.protocol);
  if (packet.tcp_flags) {
    out += " flags: ";
    out += tcp_flags_text(*packet.tcp_flags);
  } else if (packet.icmp) {
    out += " type ";
    append_number(out, packet.icmp->type);
    out += " code ";
    append_number(out, packet.icmp->code);
  }
  out += " len:";
  append_number(out, packet.length);
  out += " ttl:";
  append_number(out, packet.ttl);
}

void append_rule(std::string& out, const RuleName& rule) {
  if (rule == RuleName{}) return;
  std::string_view between;
  out += " [";
  if (!rule.label.empty()) {
    append_escaped(out, rule.label);
    between = ", ";
  }
  if (!rule.place.empty()) {
    out += between;
    append_escaped(out, rule.place);
    between = ", ";
  }
  if (!rule.identity.empty()) {
    out += between;
    out += '#';
    append_escaped(out, rule.identity);
  }
  out += ']';
}

// ---------------------------------------------------------------------------------------------- reading

/// What is left of a line.
class Rest {
 public:
  explicit Rest(std::string_view text) : text_(text) {}

  [[nodiscard]] bool skip(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  /// Everything before a separator, which is skipped.
  [[nodiscard]] std::optional<std::string_view> until(std::string_view separator) {
    const std::size_t at = text_.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view piece = text_.substr(0, at);
    text_.remove_prefix(at + separator.size());
    return piece;
  }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

std::optional<Time> read_time(std::string_view stamp, Time not_after) {
  // "Nov 23 22:51:07", days below ten with a blank in front.
  if (stamp.size() != 15 || stamp[3] != ' ' || stamp[6] != ' ' || stamp[9] != ':' || stamp[12] != ':') return std::nullopt;
  std::tm parts{};
  parts.tm_mon = -1;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (stamp.starts_with(kMonths[i])) parts.tm_mon = static_cast<int>(i);
  const auto day = base::parse_number<int>(base::trim(stamp.substr(4, 2))), hour = base::parse_number<int>(stamp.substr(7, 2)),
             minute = base::parse_number<int>(stamp.substr(10, 2)), second = base::parse_number<int>(stamp.substr(13, 2));
  if (parts.tm_mon < 0 || !day || !hour || !minute || !second) return std::nullopt;
  if (*day < 1 || *day > 31 || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 || *second > 60)
    return std::nullopt;
  const std::time_t latest = std::chrono::system_clock::to_time_t(not_after) + 3600;
  std::tm now{};
  ::localtime_r(&latest, &now);
  parts.tm_mday = *day;
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  parts.tm_sec = *second;
  parts.tm_isdst = -1;
  for (int back = 0; back < 2; ++back) {
    std::tm guess = parts;
    guess.tm_year = now.tm_year - back;
    if (const std::time_t when = std::mktime(&guess); when != -1 && when <= latest)
      return Time(std::chrono::seconds(when));
  }
  return std::nullopt;
}

/// "203.0.113.1(3e:8e:9a:8a:8c:53):49629", each part behind the address left out where there is none.
bool read_end(std::string_view text, net::Address& address, std::optional<net::MacAddress>& mac,
              std::optional<std::uint16_t>& port) {
  std::string_view name = text, behind;
  if (const std::size_t open = text.find('('); open != std::string_view::npos) {
    const std::size_t close = text.find(')', open);
    if (close == std::string_view::npos) return false;
    mac = net::MacAddress::parse(text.substr(open + 1, close - open - 1));
    name = text.substr(0, open);
    behind = text.substr(close + 1);
    if (!mac || (!behind.empty() && behind[0] != ':')) return false;
    if (!behind.empty()) behind.remove_prefix(1);
  } else if (const std::size_t colon = text.rfind(':');
             text.starts_with('[') || text.find(':') == colon) {  // IPv6 without brackets has no port
    if (colon != std::string_view::npos && !(text.ends_with(']'))) {
      name = text.substr(0, colon);
      behind = text.substr(colon + 1);
    }
  }
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const auto read = net::Address::parse(name);
  if (!read) return false;
  address = *read;
  if (behind.empty()) return true;
  port = base::parse_number<std::uint16_t>(behind);
  return port.has_value();
}

/// "TCP flags: ****S* len:40 ttl:64", with what is left out left out.
bool read_protocol(std::string_view text, Packet& packet) {
  Rest rest(text);
  std::string_view word;
  if (rest.skip("PROTO ")) {
    const std::size_t blank = rest.text().find(' ');
    word = text.substr(0, blank == std::string_view::npos ? text.size() : 6 + blank);
  } else {
    word = text.substr(0, text.find(' '));
  }
  const auto protocol = protocol_from(word);
  if (!protocol) return false;
  packet.protocol = *protocol;
  const std::vector<std::string_view> words = base::split(text.substr(word.size()), ' ');
  std::optional<std::uint8_t> type;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view next = i + 1 < words.size() ? words[i + 1] : std::string_view();
    if (words[i] == "flags:") {
      packet.tcp_flags = tcp_flags_from(next);
    } else if (words[i] == "type") {
      type = base::parse_number<std::uint8_t>(next);
    } else if (words[i] == "code") {
      const auto code = base::parse_number<std::uint8_t>(next);
      if (type && code) packet.icmp = Packet::Icmp{*type, *code};
    } else if (words[i].starts_with("len:")) {
      packet.length = base::parse_number<std::uint32_t>(words[i].substr(4)).value_or(0);
    } else if (words[i].starts_with("ttl:")) {
      packet.ttl = base::parse_number<std::uint8_t>(words[i].substr(4)).value_or(0);
    }
  }
  return true;
}

/// " [rule 12: …, rules/rules.conf:12, #k3v9f0wx]"; anything else is left out.
void read_rule(std::string_view text, RuleName& rule) {
  if (!text.starts_with(" [") || !text.ends_with(']')) return;
  text = text.substr(2, text.size() - 3);
  if (const std::size_t mark = text.rfind('#'); mark != std::string_view::npos && text.substr(mark).find(' ') == std::string_view::npos) {
    rule.identity = unescaped(text.substr(mark + 1));
    text = text.substr(0, mark);
    if (text.ends_with(", ")) text.remove_suffix(2);
  }
  if (const std::size_t comma = text.rfind(", "); comma != std::string_view::npos && text.starts_with("rule ")) {
    rule.place = unescaped(text.substr(comma + 2));
    text = text.substr(0, comma);
  }
  rule.label = unescaped(text);
}

/// "eth0 out: eth1 203.0.113.1:1 -> 203.0.113.2:2 TCP …", without the parentheses around it.
bool read_packet_part(std::string_view text, Entry& entry) {
  Rest rest(text);
  if (rest.skip("in: ")) {
    const auto device = rest.until(" ");
    if (!device) return false;
    entry.in_device = unescaped(*device);
  }
  if (rest.skip("out: ")) {
    const auto device = rest.until(" ");
    if (!device) return false;
    entry.out_device = unescaped(*device);
  }
  const auto source = rest.until(" -> ");
  const auto destination = rest.until(" ");
  if (!source || !destination) return false;
  std::optional<std::uint16_t> source_port, destination_port;
  if (!read_end(*source, entry.packet.source, entry.source_mac, source_port)) return false;
  if (!read_end(*destination, entry.packet.destination, entry.destination_mac, destination_port)) return false;
  if (source_port && destination_port) entry.packet.ports = Packet::Ports{*source_port, *destination_port};
  return read_protocol(rest.text(), entry.packet);
}

}  // namespace

void TrafficLine::append_time(std::string& out, Time time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second_ != second) {
    second_ = second;
    const std::time_t number = std::chrono::system_clock::to_time_t(second);
    std::tm parts{};
    ::localtime_r(&number, &parts);
    stamp_.assign(kMonths[static_cast<std::size_t>(parts.tm_mon) % kMonths.size()]);
    stamp_ += ' ';
    // As syslog writes it: the first nine days of a month have a blank in front.
    append_two(stamp_, parts.tm_mday);
    if (stamp_[4] == '0') stamp_[4] = ' ';
    for (const auto& [before, number_in_two] : {std::pair{' ', parts.tm_hour}, {':', parts.tm_min}, {':', parts.tm_sec}}) {
      stamp_ += before;
      append_two(stamp_, number_in_two);
    }
    stamp_ += ": ";
  }
  out += stamp_;
}

void TrafficLine::append_message(std::string& out, const Entry& entry) const {
  append_escaped(out, entry.action);
  out += " service ";
  append_escaped(out, entry.names.service);
  out += " from ";
  append_escaped(out, entry.names.from);
  out += " to ";
  append_escaped(out, entry.names.to);
  out += ", prefix: \"";
  append_escaped(out, entry.prefix);
  out += "\" (";
  if (!entry.in_device.empty()) {
    out += "in: ";
    append_escaped(out, entry.in_device);
    out += ' ';
  }
  if (!entry.out_device.empty()) {
    out += "out: ";
    append_escaped(out, entry.out_device);
    out += ' ';
  }
  const Packet& packet = entry.packet;
  const auto port = [&](std::uint16_t Packet::Ports::*which) {
    return packet.ports ? std::optional((*packet.ports).*which) : std::nullopt;
  };
  append_end(out, packet.source, entry.source_mac, port(&Packet::Ports::source));
  out += " -> ";
  append_end(out, packet.destination, entry.destination_mac, port(&Packet::Ports::destination));
  out += ' ';
  append_protocol(out, packet);
  out += ')';
  append_rule(out, entry.rule);
}

void TrafficLine::append(std::string& out, const Entry& entry) {
  append_time(out, entry.time);
  append_message(out, entry);
  out += '\n';
}

std::optional<Entry> read_traffic_line(std::string_view line, Time not_after) {
  constexpr std::size_t kStamp = 15;
  if (line.size() < kStamp) return std::nullopt;
  Entry entry;
  const auto time = read_time(line.substr(0, kStamp), not_after);
  if (!time) return std::nullopt;
  entry.time = *time;
  Rest rest(line.substr(kStamp));
  if (!rest.skip(": ")) return std::nullopt;
  const auto action = rest.until(" service "), service = rest.until(" from "), from = rest.until(" to "),
             to = rest.until(", prefix: \""), prefix = rest.until("\" (");
  if (!action || !service || !from || !to || !prefix) return std::nullopt;
  entry.action = unescaped(*action);
  entry.names.service = unescaped(*service);
  entry.names.from = unescaped(*from);
  entry.names.to = unescaped(*to);
  entry.prefix = unescaped(*prefix);
  // Of the parentheses of addresses none is behind "ttl:".
  const std::size_t ttl = rest.text().find(" ttl:");
  const std::size_t close = rest.text().find(')', ttl == std::string_view::npos ? 0 : ttl);
  if (ttl == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  if (!read_packet_part(rest.text().substr(0, close), entry)) return std::nullopt;
  read_rule(rest.text().substr(close + 1), entry.rule);
  return entry;
}

}  // namespace vuurmuur::log
