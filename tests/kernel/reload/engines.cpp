// SPDX-License-Identifier: GPL-2.0-or-later
// From one rule engine to the other and back while packets flow.
#include "campaign.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

TEST_CASE("the engine changes: the new one is in force before the old one goes") {
  if (backends().size() < 2) return;
  Road& bench = road();
  clear(bench);
  const Policy one(files_of({.rules = extent().rules})), two(files_of({.rules = extent().rules, .variant = 1}));
  const std::size_t rules = load(bench, one, apply::Backend::Xtables).rules;
  const TrafficPlan plan = usual_traffic();
  Traffic traffic(bench, plan);
  run({"the engine changes", apply::Backend::Nft, rules, extent().reloads}, traffic, plan, [&](unsigned number) {
    // Every other change of engine is one of policy as well.
    const Policy& policy = number % 4 < 2 ? two : one;
    load(bench, policy, number % 2 == 0 ? apply::Backend::Nft : apply::Backend::Xtables);
  });
}
