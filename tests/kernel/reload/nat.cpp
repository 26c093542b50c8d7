// SPDX-License-Identifier: GPL-2.0-or-later
// Translation that is taken out of the policy, and comes back.
#include "first_rule.h"
#include "nat_policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

TEST_CASE("translation goes and comes: what is translated stays so, new connections pass all the time") {
  Road& bench = road();
  for (const apply::Backend backend : backends()) {
    clear(bench);
    const Policy with(policy_with_nat(true), rules_apart()), without(policy_with_nat(false, 1), rules_apart());
    const std::size_t rules = load(bench, with, backend).rules;
    const TrafficPlan plan = translated_traffic();
    Traffic traffic(bench, plan);
    const auto count = run({"translation goes and comes", backend, rules, extent().reloads}, traffic, plan,
                           [&](unsigned number) { load(bench, number % 2 == 0 ? without : with, backend); });
    // In nf_tables a counter has its rule's number in its name.
    if (backend == apply::Backend::Nft) continue;
    // The last policy is the one with translation, whose two rules stand in front.
    load(bench, with, backend);
    CHECK(packets_of_rule(bench, "rule 6:", backend) == sent_to_first(plan, count));
  }
}
