// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/compile.h"

#include "ir/print.h"
#include "policy_builder.h"
#include "support/catch.h"

using namespace vuurmuur;

TEST_CASE("passes have names, run in order and can be left out") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  const sema::Policy policy = builder.resolve();
  const auto passes = compile::list_passes();
  const compile::Output all = compile::compile(policy, {.verify = true});
  REQUIRE(all.timings.size() == passes.size());
  for (std::size_t i = 0; i < passes.size(); ++i) CHECK(all.timings[i].name == passes[i].name);
  for (const compile::PassInfo& pass : passes) {
    INFO("without " << pass.name);
    const compile::Output without =
        compile::compile(policy, {.disabled_passes = {std::string(pass.name)}, .verify = true});
    CHECK(without.timings.size() == passes.size() - 1);
  }
}

TEST_CASE("leaving a pass out leaves its rules out") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  const sema::Policy policy = builder.resolve();
  const std::string all = ir::print(compile::compile(policy).ruleset);
  const std::string without = ir::print(compile::compile(policy, {.disabled_passes = {"protections"}}).ruleset);
  CHECK(all.find("VRMR-TCPFLAGS") != std::string::npos);
  CHECK(without.find("VRMR-TCPFLAGS") == std::string::npos);
}

TEST_CASE("the ruleset can be seen after each pass") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  const sema::Policy policy = builder.resolve();
  const std::string early = compile::compile(policy, {.dump_after = "established"}).dump;
  const std::string late = compile::compile(policy, {.dump_after = "filter-rules"}).dump;
  // Where rules come from is known from the beginning.
  const std::string accepts = "-> accept commented  ; 0 \"rule 1: accept web";
  CHECK(early.find(accepts) == std::string::npos);
  CHECK(late.find(accepts) != std::string::npos);
  CHECK(compile::compile(policy).dump.empty());
}

TEST_CASE("compiling twice gives the same ruleset") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  builder.add_queue_rule(9);
  const sema::Policy policy = builder.resolve();
  CHECK(ir::print(compile::compile(policy).ruleset) == ir::print(compile::compile(policy).ruleset));
}

TEST_CASE("a rule whose objects overlap is emitted once for each condition") {
  test::PolicyBuilder builder;
  model::Host host;
  host.name = std::string("h");
  host.network = "in";
  host.zone = "a";
  host.addresses = {*net::Address::parse("10.1.0.5")};
  builder.model.hosts.push_back(host);
  model::Group group;
  group.name = std::string("g");
  group.network = "in";
  group.zone = "a";
  group.members = {std::string("h"), std::string("h")};
  builder.model.groups.push_back(group);
  builder.add_rule(model::Action::Accept).from = model::Endpoint{model::Endpoint::Kind::Member, "g.in.a"};
  const sema::Policy policy = builder.resolve();
  const compile::Output output = compile::compile(policy, {.verify = true});
  const ir::Table& filter = output.ruleset.ipv4.table(ir::TableName::Filter);
  std::size_t of_the_rule = 0;
  for (const ir::Rule& rule : filter.chain(*filter.find("VRMR-FORWARD-NEW")).rules)
    if (output.ruleset.origin(rule.origin).label.starts_with("rule 1")) ++of_the_rule;
  CHECK(of_the_rule == 1);
}

TEST_CASE("an object without an address of a family gives no rule in that family") {
  test::PolicyBuilder builder;
  builder.add_rule(model::Action::Accept);
  const sema::Policy policy = builder.resolve();
  const compile::Output output = compile::compile(policy, {.verify = true});
  for (const ir::Chain& chain : output.ruleset.ipv6.table(ir::TableName::Filter).chains())
    for (const ir::Rule& rule : chain.rules) CHECK_FALSE(output.ruleset.origin(rule.origin).label.starts_with("rule "));
}
