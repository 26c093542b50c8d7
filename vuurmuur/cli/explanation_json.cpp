// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/explanation_json.h"

#include <array>

#include "analyse/explanation_text.h"
#include "analyse/verdict_text.h"
#include "sema/spoof.h"

namespace vuurmuur::cli {
namespace {

using Json = nlohmann::ordered_json;
using analyse::Way;

std::string_view way_word(Way way) {
  switch (way) {
    case Way::Takes: return "takes";
    case Way::MayTake: return "may-take";
    case Way::PassesOn: return "passes-on";
    case Way::Unknown: break;
  }
  return "unknown";
}

Json rules_json(const std::vector<std::size_t>& places, const sema::Policy& policy) {
  Json rules = Json::array();
  for (const std::size_t place : places) rules.push_back(rule_json(policy.rules[place]));
  return rules;
}

Json row_json(const analyse::Row& row, const sema::Policy& policy, const names::Index& names) {
  Json json{{"rule", nullptr},
            {"verdict", "dropped"},
            {"way", way_word(row.way)},
            {"finished", row.is_finished},
            {"part", nullptr}};
  if (row.rule != analyse::kNoRule) {
    json["rule"] = rule_json(policy.rules[row.rule]);
    json["verdict"] = analyse::verdict_of(policy.rules[row.rule]);
  }
  if (const std::string part = analyse::part_of(row, policy); !part.empty()) json["part"] = part;
  json["example"] = row.is_finished ? sample_json(row.example, names) : Json();
  json["passed"] = rules_json(row.passed, policy);
  json["masked_by"] = row.masked_by ? rule_json(policy.rules[*row.masked_by]) : Json();
  json["blocked_by"] = row.blocked_by ? Json(row.blocked_by->to_string()) : Json();
  json["spoofing"] = row.spoof ? Json(sema::spoof_word(*row.spoof)) : Json();
  return json;
}

}  // namespace

Json rule_json(const sema::Rule& rule) {
  return {{"number", rule.source->number},
          {"place", rule.place},
          {"text", model::summary(*rule.source)},
          {"verdict", analyse::verdict_of(rule)}};
}

Json sample_json(const analyse::Sample& sample, const names::Index& names) {
  constexpr std::array kWays{"input", "forward", "output"};
  const auto device = [](const std::string& name) { return name.empty() ? Json() : Json(name); };
  const bool has_ports = net::has_ports(sample.protocol),
             is_icmp = sample.protocol == net::Protocol::Icmp || sample.protocol == net::Protocol::Icmpv6;
  const auto address = [&](const net::Address& of, analyse::Sample::Way own) {
    return sample.is_own_unknown && sample.way == own ? Json() : Json(of.to_string());
  };
  return {{"family", sample.family == net::Family::Ipv4 ? "ipv4" : "ipv6"},
          {"direction", kWays[static_cast<std::size_t>(sample.way)]},
          {"in", device(sample.in)},
          {"out", device(sample.out)},
          {"source", address(sample.source, analyse::Sample::Way::Output)},
          {"destination", address(sample.destination, analyse::Sample::Way::Input)},
          {"protocol", static_cast<unsigned>(sample.protocol)},
          {"source_port", has_ports ? Json(sample.source_port) : Json()},
          {"destination_port", has_ports ? Json(sample.destination_port) : Json()},
          {"icmp_type", is_icmp ? Json(sample.icmp_type) : Json()},
          {"icmp_code", is_icmp ? Json(sample.icmp_code) : Json()},
          {"text", analyse::text_of(sample, names)}};
}

Json explanation_json(const std::vector<analyse::Explanation>& explanations, const sema::Policy& policy,
                      const names::Index& names) {
  Json families = Json::array();
  for (const analyse::Explanation& each : explanations) {
    Json branches = Json::array();
    for (const analyse::Branch& branch : each.branches) {
      Json rows = Json::array();
      for (const analyse::Row& row : branch.rows) rows.push_back(row_json(row, policy, names));
      branches.push_back(
          {{"redirected_by", branch.redirected_by ? rule_json(policy.rules[*branch.redirected_by]) : Json()},
           {"rows", std::move(rows)}});
    }
    families.push_back({{"family", each.family == net::Family::Ipv4 ? "ipv4" : "ipv6"},
                        {"finished", each.is_finished},
                        {"branches", std::move(branches)}});
  }
  return {{"families", std::move(families)}};
}

Json why_not_json(const analyse::WhyNot& why, std::size_t rule, const sema::Policy& policy, const names::Index& names) {
  constexpr std::array kKinds{"takes", "taken-first", "differs", "takes-none", "not-finished"};
  Json differs = Json::array();
  for (const auto& [is, word] :
       {std::pair{why.service, "service"}, {why.from, "from"}, {why.to, "to"}, {why.chain, "chain"}})
    if (is) differs.push_back(word);
  return {{"rule", rule_json(policy.rules[rule])},
          {"kind", kKinds[static_cast<std::size_t>(why.kind)]},
          {"all", why.takes_all},
          {"by", rules_json(why.by, policy)},
          {"differs", std::move(differs)},
          {"example", why.example ? sample_json(*why.example, names) : Json()}};
}

}  // namespace vuurmuur::cli
