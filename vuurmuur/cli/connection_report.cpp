// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/connection_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace vuurmuur::cli {
namespace {

using Verdict = apply::Judgement::Verdict;

/// By apply::LiveConnections.
constexpr std::array<std::string_view, 3> kWords{"keep", "list", "enforce"};

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Keep: return "keep";
    case Verdict::End: return "end";
    case Verdict::Remark: return "change";
    case Verdict::Undecided: return "undecided";
  }
  return "";
}

std::string message_of(int error) { return std::generic_category().message(error); }

nlohmann::ordered_json field_json(const ir::MarkField& field) {
  constexpr std::array<std::string_view, 4> kKinds{"plain", "queue", "log_group", "packet_mark"};
  nlohmann::ordered_json json{{"kind", kKinds[static_cast<std::size_t>(field.kind)]}};
  if (field.kind != ir::MarkKind::Plain) json["number"] = field.number;
  return json;
}

nlohmann::ordered_json tuple_json(const apply::ConnectionTuple& tuple) {
  nlohmann::ordered_json json{{"source", tuple.source.to_string()}, {"destination", tuple.destination.to_string()}};
  if (apply::conntrack_has_ports(tuple.protocol))
    json.update({{"source_port", tuple.source_port}, {"destination_port", tuple.destination_port}});
  if (tuple.protocol == net::Protocol::Icmp || tuple.protocol == net::Protocol::Icmpv6)
    json.update({{"type", tuple.icmp_type}, {"code", tuple.icmp_code}, {"id", tuple.icmp_identifier}});
  return json;
}

nlohmann::ordered_json connection_json(const apply::ReviewedConnection& reviewed) {
  nlohmann::ordered_json json{{"what", word_of(reviewed.judgement.verdict)}};
  if (reviewed.error != 0) json["error"] = message_of(reviewed.error);
  json["family"] = reviewed.connection.family() == net::Family::Ipv4 ? 4 : 6;
  json["protocol"] = net::to_string(reviewed.connection.original.protocol);
  json["original"] = tuple_json(reviewed.connection.original);
  json["reply"] = tuple_json(reviewed.connection.reply);
  json["mark"] = reviewed.connection.mark;
  json["is"] = field_json(reviewed.has);
  if (reviewed.judgement.verdict == Verdict::Remark) json["shall_be"] = field_json(reviewed.shall);
  json["rule"] = reviewed.rule;
  json["place"] = reviewed.place;
  json["why"] = apply::explain(reviewed);
  return json;
}

std::string line_of(const apply::ReviewedConnection& reviewed) {
  std::string line = fmt::format("{:<9} {}: {}", word_of(reviewed.judgement.verdict),
                                 apply::to_string(reviewed.connection), apply::explain(reviewed));
  if (!reviewed.place.empty()) line += fmt::format(" ({})", reviewed.place);
  if (reviewed.error != 0) line += fmt::format(": {}", message_of(reviewed.error));
  return line;
}

}  // namespace

std::expected<apply::LiveConnections, std::string> read_connections_option(const Arguments& arguments) {
  const auto value = arguments.value(kConnectionsOption.name);
  if (!value) return apply::LiveConnections::Keep;
  const auto word = std::ranges::find(kWords, *value);
  if (word == kWords.end())
    return std::unexpected("option '--connections': expected keep, enforce or list, not '" + *value + "'" +
                           did_you_mean(*value, kWords));
  return static_cast<apply::LiveConnections>(word - kWords.begin());
}

void print_connections(Context& context, const apply::ConnectionReport& report) {
  for (const apply::ReviewedConnection& reviewed : report.connections)
    if (!report.enforced || reviewed.error != 0) context.out << line_of(reviewed) << '\n';
  const std::string_view would = report.enforced ? "" : "would ";
  context.out << fmt::format("live connections: {} as the rules want them, {} {}end{}, {} {}change{}, {} undecided",
                             report.kept, report.ended, would, report.enforced ? "ed" : "", report.remarked, would,
                             report.enforced ? "d" : "", report.undecided);
  if (report.failed != 0) context.out << fmt::format(", {} could not be changed", report.failed);
  context.out << '\n';
}

nlohmann::ordered_json connections_json(const apply::ConnectionReport& report) {
  nlohmann::ordered_json json{{"enforced", report.enforced},   {"kept", report.kept},
                              {"ended", report.ended},         {"changed", report.remarked},
                              {"undecided", report.undecided}, {"failed", report.failed}};
  json["connections"] = nlohmann::ordered_json::array();
  for (const apply::ReviewedConnection& reviewed : report.connections)
    json["connections"].push_back(connection_json(reviewed));
  return json;
}

}  // namespace vuurmuur::cli
