// SPDX-License-Identifier: GPL-2.0-or-later
// Two large families are loaded by two threads into the real kernel.
#include "apply/apply.h"
#include "lab/run.h"
#include "machine.h"
#include "support/catch.h"
#include "unit/apply/rulesets.h"

using namespace vuurmuur;
using namespace vuurmuur::apply;
using namespace vuurmuur::apply::test;

namespace {

/// As many rules in each family as it takes for threads, the last one for a port of its own.
ir::Ruleset large_ruleset(std::uint16_t last) {
  std::vector<std::uint16_t> ports;
  for (std::uint16_t port = 1; port < Options{}.worth_thread; ++port) ports.push_back(port);
  ports.push_back(last);
  ir::Ruleset ruleset = accepting_ports(ports);
  add_prerouting_port(ruleset, ir::TableName::Nat, last);
  return ruleset;
}

}  // namespace

TEST_CASE("large families that are loaded side by side are what they are one after the other") {
  std::string one_by_one;
  for (const std::size_t worth_thread : {SIZE_MAX, Options{}.worth_thread}) {
    const Machine machine;
    const auto kernel = make_kernel();
    for (const std::uint16_t last : std::initializer_list<std::uint16_t>{60000, 60001})
      REQUIRE(apply::apply(*kernel, large_ruleset(last), {.worth_thread = worth_thread}));
    if (one_by_one.empty())
      one_by_one = saved();
    else
      CHECK(saved() == one_by_one);
  }
}

TEST_CASE("a rule that the kernel refuses in one large family takes the other back") {
  for (const net::Family family : net::kFamilies) {
    const Machine machine;
    const auto kernel = make_kernel();
    REQUIRE(apply::apply(*kernel, large_ruleset(60000)));
    const std::string before = saved();
    ir::Ruleset ruleset = large_ruleset(60001);
    ChainBuilder(ruleset, family, ir::TableName::Filter, "VRMR-INPUT")
        .add({.target = ir::RejectTarget{.with = ir::RejectTarget::With::TcpReset}}, "rule 9999: reject any",
             "rules/rules.conf:9999");
    const auto report = apply::apply(*kernel, ruleset);
    REQUIRE_FALSE(report);
    CHECK(report.error().message.starts_with("load " + describe(family, ir::TableName::Filter) +
                                             ": the kernel refused rule 9999: reject any (rules/rules.conf:9999)"));
    CHECK(saved() == before);
  }
}
