// SPDX-License-Identifier: GPL-2.0-or-later
// The proof of the pass that writes short chains where they are led to: random rulesets in which rules have chains of
// their own log, mark, limit and decide every packet as they did before, and count it for the same.
#include <fmt/format.h>

#include <algorithm>

#include "compile/passes.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "policy_builder.h"
#include "random_ruleset.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

bool one_in(std::mt19937& random, unsigned n) { return random() % n == 0; }

bool is_jump(const ir::Target& target) {
  return std::holds_alternative<ir::JumpTarget>(target) || std::holds_alternative<ir::GotoTarget>(target);
}

/// Moves what a rule does to a chain of its own, behind something else that it does.
void move_to_chain(std::mt19937& random, ir::Ruleset& ruleset, ir::Table& table, ir::Rule& rule, std::size_t number) {
  const ir::ChainId chain = table.chain_named(fmt::format("VRMR-R{}", number));
  for (unsigned i = static_cast<unsigned>(random() % 4); i > 0; --i) {
    ir::Rule effect{.target = ir::NflogTarget{7, "moved"}, .origin = rule.origin};
    if (one_in(random, 3)) effect.target = ir::ConnmarkTarget{0x2000, 0x2000};
    if (one_in(random, 3)) {
      // A bucket is told by its origin: each needs one of its own.
      effect.origin = ruleset.add_origin(fmt::format("rule {}: limited", 1000 + 10 * number + i));
      effect.matches.push_back(ir::LimitMatch{});
    }
    table.append(chain, std::move(effect));
  }
  ir::Rule last{.target = rule.target, .origin = rule.origin};
  if (one_in(random, 6)) last.protocol = net::Protocol::Udp;
  table.append(chain, std::move(last));
  if (one_in(random, 2))
    rule.target = ir::GotoTarget{chain};
  else
    rule.target = ir::JumpTarget{chain};
}

/// Without the events of jumps: how a packet comes to where something happens to it is what is changed.
test::Walk without_jumps(test::Walk walk) {
  std::erase_if(walk.events, [](const std::string& event) { return event.find("VRMR-") != std::string::npos; });
  return walk;
}

}  // namespace

TEST_CASE("with short chains written where they are led to, a ruleset does the same with every packet") {
  test::PolicyBuilder builder;
  sema::Policy policy = builder.resolve();
  policy.rules.resize(100000);  // all origins are of rules
  const compile::Options options;
  std::size_t shorter = 0, kept = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed * 2654435761u);
    ir::Ruleset before = test::random_ruleset(random, 40);
    for (const net::Family family : net::kFamilies) {
      ir::Table& table = before.rules(family).table(ir::TableName::Filter);
      const ir::ChainId random_chain = *table.find(test::kRandomChain);
      for (std::size_t i = 0; i < table.chain(random_chain).rules.size(); ++i) {
        if (one_in(random, 2)) continue;
        ir::Rule rule = table.chain(random_chain).rules[i];
        move_to_chain(random, before, table, rule, i);
        table.chain(random_chain).rules[i] = rule;
        // Another way to the same chain, which has to stay then.
        if (one_in(random, 5)) table.append(random_chain, rule);
      }
    }
    ir::Ruleset after = before;
    for (const net::Family family : net::kFamilies) {
      compile::Context context{
          .policy = policy, .options = options, .family = family, .ruleset = after, .layout = ir::MarkLayout{}};
      compile::pass_inline_chains(context);
      compile::pass_prune_chains(context);
    }
    INFO("seed " << seed << "\n" << ir::print(after));
    REQUIRE(ir::verify(after, ir::MarkLayout{}.mask()).empty());
    for (const net::Family family : net::kFamilies) {
      const ir::Table& old_table = before.rules(family).table(ir::TableName::Filter);
      const ir::Table& new_table = after.rules(family).table(ir::TableName::Filter);
      REQUIRE(test::count_limits(new_table) <= test::count_limits(old_table));
      (new_table.chains().size() < old_table.chains().size() ? shorter : kept) += 1;
      const test::Walker old_walker(before, old_table, before.origins.size());
      const test::Walker new_walker(after, new_table, before.origins.size());
      for (unsigned i = 0; i < 80; ++i) {
        const test::Packet packet = test::random_packet(random, family);
        const test::Walk was = without_jumps(old_walker.run("FORWARD", packet));
        const test::Walk is = without_jumps(new_walker.run("FORWARD", packet));
        if (was == is) continue;
        FAIL(test::describe(packet, was, is) << "\n" << ir::print(before));
      }
    }
  }
  CHECK(shorter > kept);
}

TEST_CASE("a rule that logs and is met in one way decides where it stands; met in several, in a chain of its own") {
  test::PolicyBuilder builder;
  sema::Policy policy = builder.resolve();
  policy.rules.resize(1);
  const compile::Options options;
  const auto compiled = [&](std::vector<ir::Rule> ways, bool logs = true) {
    ir::Ruleset ruleset;
    const auto origin = ruleset.add_origin("rule 1: accept ssh from lan to firewall");
    ir::Table& filter = ruleset.ipv4.table(ir::TableName::Filter);
    const ir::ChainId chain = filter.chain_named("VRMR-INPUT"), own = filter.chain_named("VRMR-R1");
    filter.append(filter.builtin(ir::Hook::Input), {.target = ir::JumpTarget{chain}, .commented = false});
    if (logs) filter.append(own, {.target = ir::NflogTarget{9, "vrmr: ACCEPT "}, .origin = origin});
    filter.append(own, {.matches = logs ? std::vector<ir::Match>() : std::vector<ir::Match>{ir::LimitMatch{}},
                        .target = ir::AcceptTarget{},
                        .origin = origin});
    for (ir::Rule& way : ways) {
      way.target = logs ? ir::Target{ir::GotoTarget{own}} : ir::Target{ir::JumpTarget{own}};
      way.origin = origin;
      filter.append(chain, std::move(way));
    }
    compile::Context context{.policy = policy,
                             .options = options,
                             .family = net::Family::Ipv4,
                             .ruleset = ruleset,
                             .layout = ir::MarkLayout{}};
    compile::pass_inline_chains(context);
    compile::pass_prune_chains(context);
    return ruleset.ipv4.table(ir::TableName::Filter);
  };
  const auto rules_of = [](const ir::Table& table) { return table.chain(*table.find("VRMR-INPUT")).rules; };
  {
    const auto table = compiled({{.in_interface = "eth0", .protocol = net::Protocol::Tcp}});
    const std::vector<ir::Rule> rules = rules_of(table);
    REQUIRE(rules.size() == 2);
    CHECK(std::holds_alternative<ir::NflogTarget>(rules[0].target));
    CHECK(std::holds_alternative<ir::AcceptTarget>(rules[1].target));
    CHECK(std::ranges::all_of(rules, [](const ir::Rule& rule) { return rule.in_interface == "eth0"; }));
    CHECK_FALSE(table.find("VRMR-R1"));
  }
  {
    const auto table = compiled({{.in_interface = "eth0"}}, false);
    CHECK(rules_of(table).size() == 1);
    CHECK_FALSE(table.find("VRMR-R1"));
  }
  const auto keeps_chain = [&](std::vector<ir::Rule> ways, bool logs = true) {
    const auto table = compiled(std::move(ways), logs);
    return table.find("VRMR-R1").has_value() && std::ranges::all_of(rules_of(table), is_jump, &ir::Rule::target);
  };
  CHECK(keeps_chain({{.in_interface = "eth0"}, {.in_interface = "eth1"}}));
  // What may answer otherwise when it is asked again.
  CHECK(keeps_chain({{.matches = {ir::LimitMatch{}}}}));
  CHECK(keeps_chain({{.matches = {ir::SetMatch{.set = "vrmr4-x"}}}}));
  // Nothing stands behind a set.
  CHECK(keeps_chain({{.matches = {ir::SetMatch{.set = "vrmr4-x"}}}}, false));
  CHECK(keeps_chain({{.matches = {ir::ConnmarkMatch{}}}}));
}
