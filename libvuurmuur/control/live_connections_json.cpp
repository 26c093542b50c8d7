// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/live_connections_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

namespace vuurmuur::control {
namespace {

/// Members of an object, one after the other.
class Writer {
 public:
  explicit Writer(std::string& to) : to_(to) { to_ += '{'; }
  void end() { to_ += '}'; }

  Writer& text(std::string_view name, std::string_view value) {
    key(name);
    quote(value);
    return *this;
  }
  Writer& text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? raw(name, "null") : text(name, value);
  }
  template <class T>
  Writer& number(std::string_view name, T value) {
    key(name);
    fmt::format_to(std::back_inserter(to_), "{}", value);
    return *this;
  }
  Writer& raw(std::string_view name, std::string_view json) {
    key(name);
    to_ += json;
    return *this;
  }
  void key(std::string_view name) {
    if (!is_first_) to_ += ',';
    is_first_ = false;
    to_ += '"';
    to_ += name;
    to_ += "\":";
  }

 private:
  /// Names of objects and rules are ASCII or whatever their files have.
  void quote(std::string_view value) {
    constexpr auto is_plain = [](char c) {
      return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '"' && c != '\\';
    };
    if (std::ranges::all_of(value, is_plain)) {
      to_ += '"';
      to_ += value;
      to_ += '"';
    } else {
      to_ += nlohmann::json(value).dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
    }
  }

  std::string& to_;
  bool is_first_ = true;
};

void append_end(std::string_view key, const filter::End& end, Writer& writer, std::string& to) {
  writer.key(key);
  Writer members(to);
  members.text("address", end.address.to_string());
  if (end.port) members.number("port", *end.port);
  members.text_or_null("name", end.name).text_or_null("network", end.network).text_or_null("zone", end.zone);
  members.end();
}

void append_field(const ir::MarkField& field, Writer& writer) {
  constexpr std::array<std::string_view, 4> kKinds{"plain", "queue", "log_group", "packet_mark"};
  writer.text("kind", kKinds[static_cast<std::size_t>(field.kind)]);
  if (field.kind != ir::MarkKind::Plain) writer.number("number", field.number);
}

}  // namespace

void append_json(const NamedConnection& named, std::string& to) {
  const apply::TrackedConnection& tracked = *named.tracked;
  const apply::ConnectionTuple& original = tracked.connection.original;
  Writer writer(to);
  writer.number("family", original.source.family == net::Family::Ipv4 ? 4 : 6)
      .text("protocol", net::to_string(original.protocol));
  append_end("source", named.source(), writer, to);
  append_end("destination", named.destination(), writer, to);
  if (named.source_count > 1) append_end("source_seen_as", named.sources[1], writer, to);
  if (named.destination_count > 1) append_end("destination_asked", named.destinations[1], writer, to);
  if (original.protocol == net::Protocol::Icmp || original.protocol == net::Protocol::Icmpv6)
    writer.number("type", original.icmp_type).number("code", original.icmp_code);
  writer.text_or_null("service", named.service)
      .text("state", apply::state_of(tracked))
      .text("progress", apply::progress_of(tracked))
      .number("packets", tracked.to.packets)
      .number("bytes", tracked.to.bytes)
      .number("packets_back", tracked.back.packets)
      .number("bytes_back", tracked.back.bytes)
      .number("seconds_left", tracked.seconds_left);
  if (tracked.began) writer.number("began", *tracked.began / 1'000'000'000);
  writer.number("mark", tracked.connection.mark);
  append_field(named.field, writer);
  writer.text_or_null("helper", tracked.helper)
      .text_or_null("rule", named.rule)
      .text_or_null("place", named.place)
      .number("id", tracked.connection.id);
  writer.end();
}

std::string json_line(const ConnectionGroup& group) {
  std::string line;
  Writer writer(line);
  writer.text("group", group.name)
      .number("connections", group.connections)
      .number("packets", group.to.packets)
      .number("bytes", group.to.bytes)
      .number("packets_back", group.back.packets)
      .number("bytes_back", group.back.bytes);
  writer.end();
  return line;
}

}  // namespace vuurmuur::control
