// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/rule_use.h"

#include <nlohmann/json.hpp>

#include "control/counters_json.h"
#include "control/volume_readings.h"
#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::control;

namespace {

apply::RuleCounters rule(const char* origin, std::uint64_t packets) {
  return {.origin = origin, .ipv4 = {packets, 60 * packets}, .ipv6 = {}};
}

constexpr const char *kOld = "rule 1: accept a from lan to inet", *kIdle = "rule 2: accept b from lan to inet",
                     *kHit = "rule 3: accept c from lan to inet", *kNew = "rule 4: accept d from lan to inet";

}  // namespace

TEST_CASE("a rule was hit when the daemon has seen it, or since, or never, or nobody knows") {
  volumes::Accumulator counted;
  const std::vector<apply::RuleCounters> first{rule(kOld, 5), rule(kIdle, 0), rule(kHit, 0)},
      second{rule(kOld, 5), rule(kIdle, 0), rule(kHit, 2)}, now{rule(kOld, 5), rule(kIdle, 0), rule(kHit, 2), rule(kNew, 1)};
  counted.take(readings_of(first, {}), 100);
  counted.take(readings_of(second, {}), 160);
  const std::vector<RuleUse> uses = uses_of(now, counted, 200);
  CHECK(uses == std::vector<RuleUse>{{.is_used = true, .hit = {}, .since = 100},
                                     {.is_used = false, .hit = {}, .since = 100},
                                     {.is_used = true, .hit = 160, .since = 100},
                                     {.is_used = true, .hit = {}, .since = {}}});
  // What came since the last look is of now, when that is not long ago.
  const std::vector<apply::RuleCounters> more{rule(kIdle, 1)};
  CHECK(uses_of(more, counted, 200) == std::vector<RuleUse>{{.is_used = true, .hit = 200, .since = 100}});
  CHECK(uses_of(more, counted, {}) == std::vector<RuleUse>{{.is_used = true, .hit = {}, .since = {}}});

  auto document = json_of(now);
  add_uses(document, uses);
  CHECK(document[1].dump() == R"({"rule":"rule 2: accept b from lan to inet","packets":0,"bytes":0,)"
                              R"("ipv4":{"packets":0,"bytes":0},"ipv6":{"packets":0,"bytes":0},)"
                              R"("used":false,"last_hit":null,"since":100})");
  CHECK(uses_from(document) == uses);
  CHECK_FALSE(uses_from(json_of(now)));
}
