// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apply/rule_counters.h"
#include "volumes/accumulator.h"

namespace vuurmuur::control {

/// Whether and when a rule was used last; times in seconds since 1970.
struct RuleUse {
  bool is_used = false;               ///< it has taken something, whenever
  std::optional<std::int64_t> hit;    ///< when it did last, to the minute; nothing: never since then, or it is not known when
  std::optional<std::int64_t> since;  ///< from when on that is known; nothing: it is not
  bool operator==(const RuleUse&) const = default;
};

/// One for each rule, whose counters were read just now. `now`: the time, when `counted` is not older than a minute or so:
/// what came since then is of now. Else nobody knows when it came.
[[nodiscard]] std::vector<RuleUse> uses_of(const std::vector<apply::RuleCounters>& rules,
                                           const volumes::Accumulator& counted, std::optional<std::int64_t> now);

/// Adds "used", "last_hit" and "since" (numbers or null) to what json_of() gave of these rules.
void add_uses(nlohmann::ordered_json& rules, const std::vector<RuleUse>& uses);
/// Back from there; nothing when it is something else.
[[nodiscard]] std::optional<std::vector<RuleUse>> uses_from(const nlohmann::ordered_json& rules);

}  // namespace vuurmuur::control
