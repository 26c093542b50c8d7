// SPDX-License-Identifier: GPL-2.0-or-later
// The tests' own eyes: changes that are not atomic are seen.
#include "campaign.h"
#include "lab/run.h"
#include "policies.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

TrafficPlan small_plan() {
  TrafficPlan plan = usual_traffic();
  plan.patience = std::chrono::milliseconds(1000);
  return plan;
}

/// Opens or closes the firewall for a moment behind the program's back.
TrafficCount with_policy_for_a_moment(const char* verdict) {
  Road& bench = road();
  clear(bench);
  load(bench, Policy(files_of({.rules = 10})), apply::Backend::Xtables);
  const TrafficPlan plan = small_plan();
  Traffic traffic(bench, plan);
  REQUIRE(traffic.wait_until_sent(500));
  {
    const lab::Inside there(bench.firewall());
    for (const char* program : {"iptables-legacy", "ip6tables-legacy"})
      lab::run_ok({program, "-I", "FORWARD", "-j", verdict});
  }
  REQUIRE(traffic.wait_until_sent(traffic.sent() + 500));
  {
    const lab::Inside there(bench.firewall());
    for (const char* program : {"iptables-legacy", "ip6tables-legacy"})
      lab::run_ok({program, "-D", "FORWARD", "-j", verdict});
  }
  REQUIRE(traffic.wait_until_sent(traffic.sent() + 500));
  return traffic.stop();
}

}  // namespace

TEST_CASE("without a reload nothing is lost, and a door that is closed for a moment is seen in every stream") {
  const TrafficPlan plan = small_plan();
  const TrafficCount count = with_policy_for_a_moment("DROP");
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    INFO(plan.streams[i].name);
    if (plan.streams[i].fate == Stream::Fate::Never) {
      CHECK(count.streams[i].arrived == 0);
    } else {
      CHECK(count.streams[i].arrived + count.lost_by_laboratory < count.streams[i].sent);
      CHECK(count.streams[i].arrived > 0);
    }
  }
  for (const TalkCount& talk : count.talks) CHECK(talk.resent > 0);
}

TEST_CASE("a door that is open for a moment is seen") {
  const TrafficPlan plan = small_plan();
  const TrafficCount count = with_policy_for_a_moment("ACCEPT");
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    INFO(plan.streams[i].name);
    CHECK(count.streams[i].arrived > 0);
    if (plan.streams[i].fate == Stream::Fate::Never) CHECK(count.streams[i].arrived < count.streams[i].sent);
  }
}
