// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/counters_json.h"

#include <nlohmann/json.hpp>

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const apply::Counters& counters) { return {{"packets", counters.packets}, {"bytes", counters.bytes}}; }

/// Throws what nlohmann throws.
apply::Counters counters_of(const Json& document) {
  return {.packets = document.at("packets").get<std::uint64_t>(), .bytes = document.at("bytes").get<std::uint64_t>()};
}

}  // namespace

Json json_of(const std::vector<apply::RuleCounters>& rules, std::optional<net::Family> family) {
  Json document = Json::array();
  for (const apply::RuleCounters& rule : rules) {
    Json& object = document.emplace_back(Json{{"rule", rule.origin}});
    object.update(json_of(!family ? rule.both() : *family == net::Family::Ipv4 ? rule.ipv4 : rule.ipv6));
    if (family) continue;
    object["ipv4"] = json_of(rule.ipv4);
    object["ipv6"] = json_of(rule.ipv6);
  }
  return document;
}

std::string to_json(const std::vector<apply::RuleCounters>& rules, std::optional<net::Family> family) {
  return json_of(rules, family).dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::optional<std::vector<apply::RuleCounters>> counters_from(const Json& document) {
  try {
    std::vector<apply::RuleCounters> rules;
    for (const Json& entry : document)
      rules.push_back({.origin = entry.at("rule").get<std::string>(),
                       .ipv4 = counters_of(entry.at("ipv4")),
                       .ipv6 = counters_of(entry.at("ipv6"))});
    return rules;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
