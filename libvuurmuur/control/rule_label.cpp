// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/rule_label.h"

#include "base/strings.h"

namespace vuurmuur::control {
namespace {

/// "world.inet" is in "inet", "firewall(any)" is "firewall", "lan(broadcast)" is in "lan".
std::string zone_of(std::string_view end) {
  end = end.substr(0, end.find('('));
  return std::string(end.substr(end.rfind('.') + 1));
}

}  // namespace

std::optional<RuleLabel> read_rule_label(std::string_view origin) {
  constexpr std::string_view kRule = "rule ", kFrom = " from ", kTo = " to ";
  if (!origin.starts_with(kRule)) return std::nullopt;
  const std::size_t colon = origin.find(": "), from = origin.find(kFrom), to = origin.rfind(kTo);
  if (colon == std::string_view::npos || from == std::string_view::npos || to == std::string_view::npos || to < from)
    return std::nullopt;
  const auto number = base::parse_number<std::uint32_t>(origin.substr(kRule.size(), colon - kRule.size()));
  if (!number) return std::nullopt;
  RuleLabel label{.number = *number, .text = origin.substr(colon + 2), .action = {}, .from = {}, .to = {}};
  label.action = label.text.substr(0, label.text.find(' '));
  const std::size_t name = from + kFrom.size();
  label.from = zone_of(origin.substr(name, to - name));
  label.to = zone_of(origin.substr(to + kTo.size()));
  if (label.from.empty() || label.to.empty()) return std::nullopt;
  return label;
}

}  // namespace vuurmuur::control
