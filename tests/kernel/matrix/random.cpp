// SPDX-License-Identifier: GPL-2.0-or-later
// Random policies and packets against the reference. VUURMUUR_RANDOM_POLICIES sets how many policies (default 200),
// VUURMUUR_RANDOM_SEED the seed of the first; a failure names the seed that shows it alone.
#include "lab/namespace.h"
#include "random_policy.h"
#include "support/catch.h"
#include "support/number_from.h"
#include "support/engine.h"
#include "support/flow.h"
#include "support/probes.h"

#include <fmt/format.h>


using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

constexpr unsigned kPolicies = 200, kProbes = 60, kMostShown = 3;

std::string failure_text(const Policy& policy, const Files& files, net::Family family,
                         const std::vector<std::string>& differences) {
  std::string text;
  for (std::size_t i = 0; i < differences.size() && i < kMostShown; ++i) text += "  " + differences[i] + "\n";
  for (const char* file : {"config.conf", "rules/blocklist.conf", "zones/inet/networks/world/network.config",
                           "zones/lan/networks/local/network.config"})
    text += fmt::format("{}:\n{}", file, files.at(file));
  return text + policy.explain(family);
}

}  // namespace

TEST_CASE("random policies mean in the kernel what they say") {
  lab::enter_laboratory();
  Matrix matrix;
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1), policies = test::number_from("VUURMUUR_RANDOM_POLICIES", kPolicies);
  Probes probes;
  unsigned wrong = 0;
  for (unsigned seed = first; seed < first + policies && wrong < kMostShown; ++seed) {
    std::mt19937 random(seed);
    const Files files = for_engine_under_test(random_policy(random));
    INFO("seed " << seed);
    // Every other policy is given all shapes, which would otherwise wait for long lists.
    compile::Options options;
    if (seed % 2 == 0)
      options.shape = {.set_elements = 1, .dispatch_rules = 1, .tree_rules = 1, .leaf_rules = 1 + seed % 3, .growth = 8};
    const Policy policy(files, options);
    matrix.use(policy);
    for (unsigned i = 0; i < kProbes; ++i) {
      const Probe probe = probes.any(random);
      const auto differences = matrix.differences(probe);
      if (differences.empty()) continue;
      ++wrong;
      FAIL_CHECK(failure_text(policy, files, probe.packet.family(), differences));
      break;
    }
    matrix.gateway().conntrack.flush();
  }
  WARN(fmt::format("seeds {} to {}: {} packets compared", first, first + policies - 1, matrix.compared()));
  CHECK(wrong == 0);
}
