// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/rule_filter.h"

#include "base/strings.h"

namespace vuurmuur::screens {
namespace {

bool is_firewall(const model::Endpoint& end) {
  return end.kind == model::Endpoint::Kind::Firewall || end.kind == model::Endpoint::Kind::FirewallAny;
}

bool goes(const model::Rule& rule, Direction direction) {
  if (direction == Direction::Any || *rule.action == model::Action::Separator) return true;
  const bool from = is_firewall(*rule.from), to = is_firewall(*rule.to);
  switch (direction) {
    case Direction::In: return to;
    case Direction::Out: return from;
    default: return !from && !to;
  }
}

}  // namespace

bool RuleFilter::admits(const app::RuleLine& line) const {
  if (line.rule != nullptr && !goes(*line.rule, direction)) return false;
  if (text.empty()) return true;
  const std::string there = base::to_lower(line.text), wanted = base::to_lower(text);
  for (std::string_view word : base::split(wanted, ' ')) {
    const bool is_inverse = word.size() > 1 && word.starts_with('!');
    if (is_inverse) word.remove_prefix(1);
    if (!word.empty() && (there.find(word) != std::string::npos) == is_inverse) return false;
  }
  return true;
}

}  // namespace vuurmuur::screens
