// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apply/rule_counters.h"
#include "net/address.h"

namespace vuurmuur::control {

/// What to_json() writes.
[[nodiscard]] nlohmann::ordered_json json_of(const std::vector<apply::RuleCounters>& rules,
                                             std::optional<net::Family> family = {});

/// Counters of rules as JSON: an array of {"rule", "packets", "bytes", "ipv4": {…}, "ipv6": {…}}; of one family, when
/// it is given, without the two objects.
[[nodiscard]] std::string to_json(const std::vector<apply::RuleCounters>& rules,
                                  std::optional<net::Family> family = {});

/// Back from what to_json() gave of both families, parsed; nothing when it is something else.
[[nodiscard]] std::optional<std::vector<apply::RuleCounters>> counters_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
