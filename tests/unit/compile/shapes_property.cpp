// SPDX-License-Identifier: GPL-2.0-or-later
// The proof of the passes that change the shape of chains: random rulesets, with thresholds so small that everything is
// rewritten, decide, count, log and limit every packet as they did before.
#include <cstdlib>

#include "compile/passes.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "policy_builder.h"
#include "random_ruleset.h"
#include "support/catch.h"

using namespace vuurmuur;

namespace {

using PassFunction = void (*)(compile::Context&);

/// Runs passes on rulesets of up to `most` rules and compares `packets` packets of each.
void compare(const std::vector<PassFunction>& passes, unsigned rulesets, unsigned most, unsigned packets,
             std::size_t leaf, double growth = 8) {
  test::PolicyBuilder builder;
  const sema::Policy policy = builder.resolve();
  compile::Options options;
  options.shape = {.set_elements = 1, .dispatch_rules = 1, .tree_rules = 1, .leaf_rules = leaf, .growth = growth};
  std::size_t changed = 0;
  const char* only = std::getenv("VUURMUUR_RANDOM_SEED");
  for (unsigned seed = 1; seed <= rulesets; ++seed) {
    if (only != nullptr) seed = static_cast<unsigned>(std::strtoul(only, nullptr, 10));
    std::mt19937 random(seed * 2654435761u + static_cast<unsigned>(leaf));
    const ir::Ruleset before = test::random_ruleset(random, most);
    ir::Ruleset after = before;
    for (const PassFunction pass : passes) {
      for (const net::Family family : net::kFamilies) {
        compile::Context context{
            .policy = policy, .options = options, .family = family, .ruleset = after, .layout = ir::MarkLayout{}};
        pass(context);
      }
      const auto problems = ir::verify(after, ir::MarkLayout{}.mask());
      INFO("seed " << seed << "\n" << ir::print(after));
      for (const std::string& problem : problems) FAIL_CHECK(problem);
      REQUIRE(problems.empty());
    }
    for (const net::Family family : net::kFamilies) {
      const ir::Table& old_table = before.rules(family).table(ir::TableName::Filter);
      const ir::Table& new_table = after.rules(family).table(ir::TableName::Filter);
      REQUIRE(test::count_limits(new_table) <= test::count_limits(old_table));
      if (old_table != new_table) ++changed;
      const test::Walker old_walker(before, old_table, before.origins.size());
      const test::Walker new_walker(after, new_table, before.origins.size());
      for (unsigned i = 0; i < packets; ++i) {
        const test::Packet packet = test::random_packet(random, family);
        const test::Walk was = old_walker.run("FORWARD", packet), is = new_walker.run("FORWARD", packet);
        if (was == is) continue;
        FAIL("seed " << seed << "\n"
                     << test::describe(packet, was, is) << "\n"
                     << ir::print(before) << ir::print(after));
      }
    }
    if (only != nullptr) break;
  }
  // A comparison of rulesets that nothing was done to would prove nothing.
  CHECK((only != nullptr || changed > rulesets / 10));
}

}  // namespace

TEST_CASE("taken apart by interface, a ruleset does the same with every packet") {
  for (const std::size_t leaf : {1u, 2u, 3u}) {
    compare({compile::pass_interface_dispatch}, 300, 12, 60, leaf);
    compare({compile::pass_interface_dispatch}, 100, 60, 100, leaf);
  }
}

TEST_CASE("taken apart by address, protocol and port, a ruleset does the same with every packet") {
  for (const std::size_t leaf : {1u, 2u, 3u}) {
    compare({compile::pass_address_trees}, 300, 12, 60, leaf);
    compare({compile::pass_address_trees}, 200, 60, 100, leaf);
  }
}

TEST_CASE("with rules that differ in addresses and port as sets, a ruleset does the same with every packet") {
  compare({compile::pass_address_sets}, 600, 12, 60, 1);
  compare({compile::pass_address_sets}, 300, 60, 150, 1);
}

TEST_CASE("all shapes one after the other do the same with every packet") {
  for (const std::size_t leaf : {1u, 3u})
    compare({compile::pass_address_sets, compile::pass_interface_dispatch, compile::pass_address_trees,
             compile::pass_prune_chains}, 200, 120, 150,
            leaf, leaf == 1 ? 8 : 1.4);
}
