// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/connection_table.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "net/address.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;

/// What a line tells.
struct Line {
  std::string protocol, source, destination, service;
  std::string_view state;
  std::uint64_t bytes = 0, bytes_back = 0;
  std::uint32_t seconds_left = 0;
  std::string remarks{};

  void remark(std::string_view text) {
    if (text.empty()) return;
    if (!remarks.empty()) remarks += "; ";
    remarks += text;
  }
  void remark(std::string_view before, std::string_view text) {
    if (!text.empty()) remark(fmt::format("{} {}", before, text));
  }
  void remark_rule(std::string_view rule, std::string_view place) {
    if (rule.empty()) return;
    remark(place.empty() ? std::string(rule) : fmt::format("{} ({})", rule, place));
  }
};

/// "59s", "12m", "3h", "5d".
std::string short_time(std::uint32_t seconds) {
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86400);
}

void append(const Line& line, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{:<5} {:<11} {:<29} {:<29} {:<13} {:>6} {:>6} {:>5}", line.protocol,
                 line.state, line.source, line.destination, line.service, short_number(line.bytes),
                 short_number(line.bytes_back), short_time(line.seconds_left));
  if (!line.remarks.empty()) (to += "  ") += line.remarks;
  to += '\n';
}

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::uint64_t number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_number_unsigned() ? 0 : found->get<std::uint64_t>();
}

/// Nothing for one that is not there.
std::string end_in(const Json& connection, const char* name) {
  const auto found = connection.find(name);
  if (found == connection.end() || !found->is_object()) return {};
  const std::string address = text_in(*found, "address"), known = text_in(*found, "name");
  filter::End end{.address = net::Address::parse(address).value_or(net::Address()), .name = known};
  if (found->contains("port")) end.port = static_cast<std::uint16_t>(number_in(*found, "port"));
  return control::text_of(end);
}

std::string service_in(const Json& connection) {
  const std::string service = text_in(connection, "service"), protocol = text_in(connection, "protocol");
  if (!service.empty()) return service;
  if (connection.contains("type"))
    return fmt::format("{}/{}({})", number_in(connection, "type"), number_in(connection, "code"), protocol);
  const Json nothing;
  const char* const asked = connection.contains("destination_asked") ? "destination_asked" : "destination";
  const Json &source = connection.contains("source") ? connection.at("source") : nothing,
             &destination = connection.contains(asked) ? connection.at(asked) : nothing;
  if (!source.contains("port") || !destination.contains("port")) return protocol;
  return fmt::format("{}->{}({})", number_in(source, "port"), number_in(destination, "port"), protocol);
}

std::string field_in(const Json& connection) {
  const std::string kind = text_in(connection, "kind");
  const auto number = static_cast<std::uint16_t>(number_in(connection, "number"));
  if (kind == "queue") return control::field_text({ir::MarkKind::Queued, number});
  if (kind == "log_group") return control::field_text({ir::MarkKind::Logged, number});
  if (kind == "packet_mark") return control::field_text({ir::MarkKind::Marked, number});
  return {};
}

}  // namespace

std::string short_number(std::uint64_t value) {
  constexpr std::string_view kUnits = "kMGTPE";
  if (value < 1000) return fmt::format("{}", value);
  double short_value = static_cast<double>(value) / 1000;
  std::size_t unit = 0;
  for (; short_value >= 999.5 && unit + 1 < kUnits.size(); ++unit) short_value /= 1000;
  return short_value < 99.95 ? fmt::format("{:.1f}{}", short_value, kUnits[unit])
                             : fmt::format("{:.0f}{}", short_value, kUnits[unit]);
}

std::string_view connection_head() {
  static const std::string head = fmt::format("{:<5} {:<11} {:<29} {:<29} {:<13} {:>6} {:>6} {:>5}\n", "proto", "state",
                                              "source", "destination", "service", "bytes>", "<bytes", "left");
  return head;
}

void append_line(const control::NamedConnection& named, std::string& to) {
  const apply::TrackedConnection& tracked = *named.tracked;
  Line line{.protocol = net::to_string(tracked.connection.original.protocol),
            .source = control::text_of(named.source()),
            .destination = control::text_of(named.destination()),
            .service = control::service_text(named),
            .state = apply::state_of(tracked),
            .bytes = tracked.to.bytes,
            .bytes_back = tracked.back.bytes,
            .seconds_left = tracked.seconds_left};
  line.remark(control::field_text(named.field));
  if (named.source_count > 1) line.remark("as", control::text_of(named.sources[1]));
  if (named.destination_count > 1) line.remark("asked", control::text_of(named.destinations[1]));
  line.remark("helper", tracked.helper);
  line.remark_rule(named.rule, named.place);
  append(line, to);
}

void append_line(const Json& connection, std::string& to) {
  const std::string state = text_in(connection, "state");
  Line line{.protocol = text_in(connection, "protocol"),
            .source = end_in(connection, "source"),
            .destination = end_in(connection, "destination"),
            .service = service_in(connection),
            .state = state,
            .bytes = number_in(connection, "bytes"),
            .bytes_back = number_in(connection, "bytes_back"),
            .seconds_left = static_cast<std::uint32_t>(number_in(connection, "seconds_left"))};
  line.remark(field_in(connection));
  line.remark("as", end_in(connection, "source_seen_as"));
  line.remark("asked", end_in(connection, "destination_asked"));
  line.remark("helper", text_in(connection, "helper"));
  line.remark_rule(text_in(connection, "rule"), text_in(connection, "place"));
  append(line, to);
}

std::string group_head(std::string_view what) {
  return fmt::format("{:>11} {:>6} {:>6}  {}\n", "connections", "bytes>", "<bytes", what);
}

void append_line(const control::ConnectionGroup& group, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{:>11} {:>6} {:>6}  {}\n", group.connections, short_number(group.to.bytes),
                 short_number(group.back.bytes), group.name.empty() ? "-" : group.name);
}

control::ConnectionGroup group_from(const Json& group) {
  return {.name = text_in(group, "group"),
          .connections = number_in(group, "connections"),
          .to = {.packets = number_in(group, "packets"), .bytes = number_in(group, "bytes")},
          .back = {.packets = number_in(group, "packets_back"), .bytes = number_in(group, "bytes_back")}};
}

}  // namespace vuurmuur::cli
