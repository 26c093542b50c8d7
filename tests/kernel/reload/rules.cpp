// SPDX-License-Identifier: GPL-2.0-or-later
// Reloads of a policy with many rules: the same again, and another one each time.
#include "campaign.h"
#include "first_rule.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

TEST_CASE("the same policy again and again: no packet notices") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy policy(files_of({.rules = extent().rules}), rules_apart());
    const std::size_t rules = load(bench, policy, backend).rules;
    const TrafficPlan plan = usual_traffic();
    Traffic traffic(bench, plan);
    const auto count = run({"the same policy", backend, rules, extent().reloads}, traffic, plan,
                           [&](unsigned) { load(bench, policy, backend); });
    CHECK(packets_of_rule(bench, kFirstRule, backend) == sent_to_first(plan, count));
  }
}

namespace {

void take_turns(const char* scenario, const compile::Options& options) {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy one(files_of({.rules = extent().rules}), options),
        two(files_of({.rules = extent().rules, .variant = 1}), options);
    const std::size_t rules = load(bench, one, backend).rules;
    const TrafficPlan plan = usual_traffic();
    Traffic traffic(bench, plan);
    const auto count = run({scenario, backend, rules, extent().reloads}, traffic, plan,
                           [&](unsigned number) { load(bench, number % 2 == 0 ? two : one, backend); });
    CHECK(packets_of_rule(bench, kFirstRule, backend) == sent_to_first(plan, count));
  }
}

}  // namespace

TEST_CASE("two policies by turns: what both allow passes, what both forbid does not") {
  take_turns("two policies by turns", rules_apart());
}

TEST_CASE("two policies by turns whose many rules are sets: what both allow passes, what both forbid does not") {
  take_turns("two policies by turns, in sets", {});
}
