// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/counters_json.h"

#include "control/json_object.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const apply::Counters& counters) {
  return JsonObject(2).add("packets", counters.packets).add("bytes", counters.bytes).take();
}

/// Throws what nlohmann throws.
apply::Counters counters_of(const Json& document) {
  return {.packets = document.at("packets").get<std::uint64_t>(), .bytes = document.at("bytes").get<std::uint64_t>()};
}

}  // namespace

Json json_of(const std::vector<apply::RuleCounters>& rules, std::optional<net::Family> family) {
  Json::array_t document;
  document.reserve(rules.size());
  for (const apply::RuleCounters& rule : rules) {
    const apply::Counters counters = !family ? rule.both() : *family == net::Family::Ipv4 ? rule.ipv4 : rule.ipv6;
    JsonObject object(5);
    object.add("rule", rule.origin).add("packets", counters.packets).add("bytes", counters.bytes);
    if (!family) object.add("ipv4", json_of(rule.ipv4)).add("ipv6", json_of(rule.ipv6));
    document.push_back(object.take());
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
