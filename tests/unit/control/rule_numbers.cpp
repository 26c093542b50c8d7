// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/rule_numbers.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace vuurmuur::control;

TEST_CASE("a rule has one number as long as it is used") {
  RuleNumbers numbers;
  CHECK(numbers.number_of({}) == RuleNumbers::kNone);
  CHECK(numbers.text(RuleNumbers::kNone).rule.empty());
  CHECK(numbers.text(RuleNumbers::kUnasked).rule.empty());
  const auto first = numbers.number_of({.rule = "rule 1: accept", .place = "rules/rules.conf:1"});
  // The same words in another place are another rule.
  const auto second = numbers.number_of({.rule = "rule 1: accept", .place = "rules/rules.conf:2"});
  CHECK(first != second);
  CHECK(numbers.number_of({.rule = "rule 1: accept", .place = "rules/rules.conf:1"}) == first);
  CHECK(numbers.text(second).place == "rules/rules.conf:2");

  std::vector<bool> used(numbers.end());
  used[second] = true;
  numbers.keep(used);
  CHECK(numbers.text(first).rule.empty());
  CHECK(numbers.text(second).rule == "rule 1: accept");
  CHECK(numbers.text(numbers.number_of({.rule = "rule 9: drop", .place = "x"})).rule == "rule 9: drop");
  CHECK(numbers.number_of({.rule = "rule 1: accept", .place = "rules/rules.conf:2"}) == second);
}

TEST_CASE("rules that come and go take no more room than those that are there") {
  RuleNumbers numbers;
  for (int i = 0; i < 10'000; ++i) {
    const auto number = numbers.number_of({.rule = fmt::format("rule {}: accept", i), .place = "rules/rules.conf:1"});
    CHECK(number < 4);
    numbers.keep({});
  }
}
