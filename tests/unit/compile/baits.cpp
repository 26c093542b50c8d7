// SPDX-License-Identifier: GPL-2.0-or-later
// The rules that lead addresses to baits.
#include "compile/compile.h"
#include "ir/print.h"
#include "policy_builder.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

test::PolicyBuilder with_baits() {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  model::Host host;
  host.name = std::string("trap");
  host.network = "out";
  host.zone = "b";
  host.addresses = {*net::Address::parse("10.2.0.66")};
  builder.model.hosts.push_back(host);
  builder.model.settings.baits = {model::BaitHost{.host = "trap.out.b", .port = 2222},
                                  model::BaitHost{.host = "trap.out.b"}};
  return builder;
}

std::string compiled(const sema::Policy& policy, bool timed) {
  return ir::print(compile::compile(policy, {.timed_blocks = timed, .verify = true}).ruleset);
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("each bait has a set and its rules, in the families in which it has an address") {
  test::PolicyBuilder builder = with_baits();
  const sema::Policy policy = builder.resolve();
  REQUIRE(policy.baits.size() == 2);
  CHECK(policy.baits[0].name == "trap.out.b:2222");
  const ir::Ruleset ruleset = compile::compile(policy, {.timed_blocks = true, .verify = true}).ruleset;
  std::vector<std::string> sets;
  for (const ir::Set& set : ruleset.sets)
    if (set.is_bait()) sets.push_back(set.name);
  CHECK(sets == std::vector<std::string>{ir::bait_set(net::Family::Ipv4, "trap.out.b:2222").name,
                                         ir::bait_set(net::Family::Ipv4, "trap.out.b").name});
  const ir::Table& nat = ruleset.rules(net::Family::Ipv4).table(ir::TableName::Nat);
  CHECK(nat.rule_count() == 5);  // the jump; TCP, UDP and all else to a port; all to the address
  CHECK(ruleset.rules(net::Family::Ipv6).table(ir::TableName::Nat).rule_count() == 0);
}

TEST_CASE("a policy without baits, and rules for other programs, have nothing of them") {
  test::PolicyBuilder builder = with_baits();
  CHECK(count(compiled(builder.resolve(), true), "-bait-") > 4);
  CHECK(count(compiled(builder.resolve(), false), "bait") == 0);
  const std::string without_timed = compiled(builder.resolve(), false);
  builder.model.settings.baits.clear();
  CHECK(count(compiled(builder.resolve(), true), "bait") == 0);
  CHECK(compiled(builder.resolve(), false) == without_timed);
}
