// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/connections_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;
using Verdict = apply::Judgement::Verdict;

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

Json field_json(const ir::MarkField& field) {
  constexpr std::array<std::string_view, 4> kKinds{"plain", "queue", "log_group", "packet_mark"};
  Json json{{"kind", kKinds[static_cast<std::size_t>(field.kind)]}};
  if (field.kind != ir::MarkKind::Plain) json["number"] = field.number;
  return json;
}

Json tuple_json(const apply::ConnectionTuple& tuple) {
  Json json{{"source", tuple.source.to_string()}, {"destination", tuple.destination.to_string()}};
  if (apply::conntrack_has_ports(tuple.protocol))
    json.update({{"source_port", tuple.source_port}, {"destination_port", tuple.destination_port}});
  if (tuple.protocol == net::Protocol::Icmp || tuple.protocol == net::Protocol::Icmpv6)
    json.update({{"type", tuple.icmp_type}, {"code", tuple.icmp_code}, {"id", tuple.icmp_identifier}});
  return json;
}

Json connection_json(const apply::ReviewedConnection& reviewed) {
  Json json{{"what", word_of(reviewed.judgement.verdict)}};
  if (reviewed.error != 0) json["error"] = message_of(reviewed.error);
  json["connection"] = apply::to_string(reviewed.connection);
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

}  // namespace

Json json_of(const apply::ConnectionReport& report) {
  Json json{{"enforced", report.enforced}, {"kept", report.kept},           {"ended", report.ended},
            {"changed", report.remarked},  {"undecided", report.undecided}, {"failed", report.failed}};
  json["connections"] = Json::array();
  for (const apply::ReviewedConnection& reviewed : report.connections)
    json["connections"].push_back(connection_json(reviewed));
  return json;
}

}  // namespace vuurmuur::control
