// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::control {

/// The label of a rule of the user's in its parts: "rule 3: accept http from web.world.inet to firewall(any)".
struct RuleLabel {
  std::uint32_t number = 0;
  std::string_view text;      ///< "accept http from web.world.inet to firewall(any)", in the label
  std::string_view action;    ///< "accept", in the label
  std::string from, to;       ///< zones: "inet", "firewall"
};

/// Nothing when an origin is no rule of the user's.
[[nodiscard]] std::optional<RuleLabel> read_rule_label(std::string_view origin);

}  // namespace vuurmuur::control
