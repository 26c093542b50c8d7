// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/rule_filter.h"

#include "screens/word_filter.h"

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
  return has_words(line.text, text);
}

}  // namespace vuurmuur::screens
