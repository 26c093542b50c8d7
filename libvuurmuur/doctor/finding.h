// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::doctor {

enum class Severity : std::uint8_t {
  Error,    ///< packets are lost, or pass without inspection, as it is
  Warning,  ///< they will when something happens: a restart, a full queue, an attack
  Advice,   ///< nothing is wrong, but it could be better
};

/// "error", "warning", "advice".
[[nodiscard]] std::string_view to_string(Severity severity);

/// Lines to change.
struct Change {
  std::string place;      ///< "/etc/suricata/suricata.yaml:1930", "rules/rules.conf:3", "sysctl"
  std::string from = {};  ///< what stands there; empty: nothing yet
  std::string to = {};    ///< what shall; empty: nothing. May be several lines
  bool operator==(const Change&) const = default;
};

/// Something that is wrong between the policy, the kernel and the programs around them.
struct Finding {
  Severity severity = Severity::Warning;
  std::string id;    ///< for programs and tests, in kebab case: "suricata-midstream"
  std::string what;  ///< lower case, no period at the end
  std::string why;   ///< what comes of it, a sentence without its period
  std::vector<Change> changes = {};
  bool operator==(const Finding&) const = default;
};

/// Whether one of them is more than advice.
[[nodiscard]] bool needs_person(std::span<const Finding> findings);

/// A finding in lines, each with its end.
[[nodiscard]] std::string text_of(const Finding& finding, bool with_colour);

/// {"severity", "id", "what", "why", "changes": [{"place", "from", "to"}]}.
[[nodiscard]] nlohmann::ordered_json json_of(const Finding& finding);

}  // namespace vuurmuur::doctor
