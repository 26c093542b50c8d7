// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/counters_json.h"

#include <nlohmann/json.hpp>

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const apply::Counters& counters) { return {{"packets", counters.packets}, {"bytes", counters.bytes}}; }

}  // namespace

std::string to_json(const std::vector<apply::RuleCounters>& rules, std::optional<net::Family> family) {
  Json document = Json::array();
  for (const apply::RuleCounters& rule : rules) {
    Json& object = document.emplace_back(Json{{"rule", rule.origin}});
    object.update(json_of(!family ? rule.both() : *family == net::Family::Ipv4 ? rule.ipv4 : rule.ipv6));
    if (family) continue;
    object["ipv4"] = json_of(rule.ipv4);
    object["ipv6"] = json_of(rule.ipv6);
  }
  return document.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vuurmuur::control
