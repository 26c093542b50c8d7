// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/rule_use.h"

#include <nlohmann/json.hpp>

#include "control/volume_readings.h"

namespace vuurmuur::control {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::optional<std::int64_t>& time) { return time ? Json(*time) : Json(); }

std::optional<std::int64_t> time_from(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::int64_t>());
}

}  // namespace

std::vector<RuleUse> uses_of(const std::vector<apply::RuleCounters>& rules, const volumes::Accumulator& counted,
                             std::optional<std::int64_t> now) {
  std::vector<RuleUse> uses;
  uses.reserve(rules.size());
  for (const volumes::Reading& reading : readings_of(rules, {})) {
    RuleUse& use = uses.emplace_back();
    use.is_used = !reading.counts.is_zero();
    const volumes::Entry* entry = counted.find(reading.subject);
    if (entry == nullptr) continue;
    use.is_used |= !entry->total.is_zero();
    const bool has_come_since = reading.counts != entry->last && !reading.counts.is_zero();
    if (has_come_since && !now) continue;
    use.since = entry->since;
    if (has_come_since)
      use.hit = now;
    else if (entry->hit != 0)
      use.hit = entry->hit;
  }
  return uses;
}

void add_uses(Json& rules, const std::vector<RuleUse>& uses) {
  for (std::size_t i = 0; i < uses.size() && i < rules.size(); ++i) {
    rules[i]["used"] = uses[i].is_used;
    rules[i]["last_hit"] = json_of(uses[i].hit);
    rules[i]["since"] = json_of(uses[i].since);
  }
}

std::optional<std::vector<RuleUse>> uses_from(const Json& rules) {
  try {
    std::vector<RuleUse> uses;
    for (const Json& rule : rules)
      uses.push_back({.is_used = rule.at("used").get<bool>(),
                      .hit = time_from(rule.at("last_hit")),
                      .since = time_from(rule.at("since"))});
    return uses;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace vuurmuur::control
