// SPDX-License-Identifier: GPL-2.0-or-later
#include "log/rule_table.h"

namespace vuurmuur::log {

RuleTable::RuleTable(std::vector<RuleName> rules) {
  rules_.reserve(rules.size());
  for (RuleName& rule : rules) {
    std::string identity = rule.identity;
    rules_.try_emplace(std::move(identity), std::move(rule));
  }
}

const RuleName* RuleTable::find(std::string_view identity) const {
  const auto found = rules_.find(identity);
  return found == rules_.end() ? nullptr : &found->second;
}

}  // namespace vuurmuur::log
