// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/read.h"
#include "config/rule_syntax.h"

namespace vuurmuur::config {

std::vector<model::Rule> read_rules(const Input& input) {
  std::vector<model::Rule> rules;
  rules.reserve(input.document.lines().size());  // a rule is large: it should not move
  std::uint32_t number = 0;
  for_each_value(input, FileType::Rules, [&](const KeyRow&, const Value& value) {
    ++number;
    auto rule = parse_rule(value, input.sink);
    if (!rule) return;
    rule->number = number;
    rules.push_back(std::move(*rule));
  });
  return rules;
}

}  // namespace vuurmuur::config
