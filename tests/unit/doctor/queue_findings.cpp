// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/queue_findings.h"

#include "support/catch.h"

using namespace vuurmuur;
using namespace vuurmuur::doctor;

namespace {

const control::QueueRule kRule{.range = {3, 4}, .rule = "rule 1: nfqueue", .place = "rules/rules.conf:1"};
const control::QueueRule kBypass{
    .range = {5, 5}, .bypass = true, .rule = "rule 2: nfqueue", .place = "rules/rules.conf:2"};

apply::QueueStatistics listens(std::uint16_t number) { return {.number = number, .copy_mode = 2, .copy_range = 65535}; }

std::vector<Finding> look(const std::vector<control::QueueRule>& rules,
                          const std::vector<apply::QueueStatistics>& queues, bool is_in_force = true) {
  return queue_findings(control::queue_report(rules, queues), is_in_force);
}

}  // namespace

TEST_CASE("queues that somebody listens to have no findings") {
  CHECK(look({kRule}, {listens(3), listens(4)}).empty());
  CHECK(look({}, {}).empty());
}

TEST_CASE("a queue that nobody listens to") {
  const auto dropped = look({kRule}, {});
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].id == "queue-unattended");
  CHECK(dropped[0].severity == Severity::Error);
  CHECK(dropped[0].what == "queues 3 to 4: nobody listens (rule 1: nfqueue, rules/rules.conf:1)");
  CHECK(dropped[0].why == "what is sent there is dropped");
  CHECK(dropped[0].changes[0].to == "-q 3:4");
  CHECK(look({kBypass}, {})[0].why == "what is sent there passes without inspection");
  const auto later = look({kBypass}, {}, false);
  CHECK(later[0].severity == Severity::Warning);
  CHECK(later[0].why == "what is sent there will be let pass without inspection");
}

TEST_CASE("queues and sockets that were full") {
  auto queue = listens(5);
  queue.dropped = 7;
  queue.user_dropped = 9;
  const auto found = look({kBypass}, {queue});
  REQUIRE(found.size() == 2);
  CHECK(found[0].what == "queue 5: 7 packets found it full");
  CHECK(found[1].what == "queue 5: 9 packets found the program's socket full");
}

TEST_CASE("a program that sees nothing, and one that gets nothing") {
  auto queue = listens(5);
  queue.copy_mode = 1;
  const auto blind = look({kBypass}, {queue});
  REQUIRE(blind.size() == 1);
  CHECK(blind[0].id == "queue-blind");
  const auto unused = look({}, {queue});
  REQUIRE(unused.size() == 1);
  CHECK(unused[0].id == "queue-unused");
  CHECK_FALSE(needs_person(unused));
}

TEST_CASE("very many queues are told as one from the eleventh on") {
  std::vector<control::QueueRule> rules;
  for (std::uint16_t i = 0; i < 1000; ++i)
    rules.push_back({.range = {i, i}, .rule = "rule", .place = "rules/rules.conf:1"});
  const auto found = look(rules, {});
  REQUIRE(found.size() == 11);
  CHECK(found[10].what == "the same of 990 more");
  CHECK(found[10].changes.empty());
}
