// SPDX-License-Identifier: GPL-2.0-or-later
// Random policies are compiled in shapes of all kinds, written as text, and proven from that text alone. Compiled wrong
// on purpose, they have to be refused whenever that makes a difference.
// VUURMUUR_RANDOM_POLICIES sets how many policies, VUURMUUR_RANDOM_SEED the first one's seed.
#include <fmt/format.h>

#include <map>

#include "backend/ipset_save.h"
#include "backend/iptables_save.h"
#include "diag/render.h"
#include "kernel/matrix/random_policy.h"
#include "lab/namespace.h"
#include "names/index.h"
#include "property/released.h"
#include "prove/prove.h"
#include "support/catch.h"
#include "support/number_from.h"
#include "support/policy_files.h"

using namespace vuurmuur;
using namespace vuurmuur::kernel_test;

namespace {

compile::Options shape_of(unsigned seed) {
  compile::Options options;
  // Shapes are for long chains: here every other policy's are.
  if (seed % 2 == 1)
    options.shape = {.set_elements = 1, .dispatch_rules = 1, .tree_rules = 1, .leaf_rules = 1 + seed % 3, .growth = 8};
  return options;
}

prove::Emitted emitted(const ir::Ruleset& ruleset) {
  prove::Emitted text;
  for (const net::Family family : net::kFamilies) {
    const std::array families{family};
    text.rules[static_cast<std::size_t>(family)] = backend::iptables_save(ruleset, family);
    text.sets[static_cast<std::size_t>(family)] = backend::ipset_save(ruleset, families);
  }
  return text;
}

std::string told(const prove::Proof& proof, const Policy& policy) {
  diag::Sink sink;
  prove::tell(proof, names::Index::build(policy.model(), policy.resolved), sink);
  return diag::render(sink, policy.tree.sources, diag::Style::Plain);
}

struct Tally {
  unsigned all = 0, proven = 0;
  std::size_t pairs = 0, searched = 0;
  std::map<std::string, unsigned> why_not;

  void add(const Policy& policy, unsigned seed) {
    const prove::Proof proof = prove::prove(policy.resolved, emitted(policy.ruleset));
    INFO("seed " << seed << '\n' << told(proof, policy));
    CHECK(proof.doubts.empty());
    CHECK(proof.unfinished == 0);
    if (proof.unfinished != 0) UNSCOPED_INFO(emitted(policy.ruleset).rules[0] << policy.explain(net::Family::Ipv4));
    ++all;
    proven += proof.is_proven() ? 1 : 0;
    for (const std::string& why : proof.not_modelled) ++why_not[why];
    pairs += proof.pairs;
    searched += proof.searched;
  }
  [[nodiscard]] std::string text() const {
    std::string reasons;
    for (const auto& [why, count] : why_not) reasons += fmt::format("\n  {} times: {}", count, why);
    return fmt::format("{} of {} proven; {} pairs, {} searched{}", proven, all, pairs, searched, reasons);
  }
};

}  // namespace

TEST_CASE("what random policies are compiled to is proven") {
  lab::enter_laboratory();  // compiling asks the kernel for its kinds of sets
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 200);
  Tally tally;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    tally.add(Policy(random_policy(random), shape_of(seed)), seed);
  }
  WARN(tally.text());
  CHECK(tally.proven > policies * 9 / 10);
}

TEST_CASE("so are those in which programs give connections back") {
  lab::enter_laboratory();
  const unsigned first = test::number_from("VUURMUUR_RANDOM_SEED", 1),
                 policies = test::number_from("VUURMUUR_RANDOM_POLICIES", 200) / 4;
  Tally tally;
  unsigned released = 0;
  for (unsigned seed = first; seed < first + policies; ++seed) {
    std::mt19937 random(seed);
    const Policy policy(with_release(random_policy(random)), shape_of(seed));
    for (const sema::QueueUse& use : policy.resolved.queues) released += use.release ? 1 : 0;
    tally.add(policy, seed);
  }
  WARN(fmt::format("{}, {} queues that release", tally.text(), released));
  CHECK(tally.proven == policies);
  CHECK(released > policies);
}
