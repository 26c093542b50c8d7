// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json.hpp>
#include <vector>

#include "analyse/explain.h"
#include "names/index.h"

namespace vuurmuur::cli {

/// {"number", "place", "text", "verdict"} of a rule.
[[nodiscard]] nlohmann::ordered_json rule_json(const sema::Rule& rule);

/// {"family", "direction", "in", "out", "source", "destination", "protocol", "source_port", "destination_port",
/// "icmp_type", "icmp_code", "text"}; what a packet has not is null.
[[nodiscard]] nlohmann::ordered_json sample_json(const analyse::Sample& sample, const names::Index& names);

/// {"families": [{"family", "finished", "branches": [{"redirected_by", "rows": [...]}]}]}.
[[nodiscard]] nlohmann::ordered_json explanation_json(const std::vector<analyse::Explanation>& explanations,
                                                      const sema::Policy& policy, const names::Index& names);

[[nodiscard]] nlohmann::ordered_json why_not_json(const analyse::WhyNot& why, std::size_t rule,
                                                  const sema::Policy& policy, const names::Index& names);

}  // namespace vuurmuur::cli
