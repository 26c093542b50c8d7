// SPDX-License-Identifier: GPL-2.0-or-later
// Section "prove": that the emitted rules of all tables are what the policy says, from their text, beside reading,
// resolving and compiling.
#include <fmt/format.h>

#include <ctime>

#include "compile/compile.h"
#include "config/tree.h"
#include "control/proof.h"
#include "generate.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "sema/resolve.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const base::MemoryFileSystem files = generate_tree(rules);
  Samples compile, prove, processor;
  prove::Proof proof;
  std::size_t count = 0;
  double compiled_megabytes = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch step;
    diag::Sink sink;
    const config::Tree tree = config::read_tree(files, "/tree", sink);
    const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
    if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
    const compile::Output output = compile::compile(policy);
    compile.add(step.lap());
    if (i == 0) compiled_megabytes = peak_megabytes();
    const std::clock_t before = std::clock();
    proof = control::prove_ruleset(policy, output.ruleset);
    prove.add(step.lap());
    processor.add(1000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    count = output.ruleset.rule_count();
    if (!proof.is_proven()) return base::failure("it is not proven");
  }
  print_row({fmt::format("{}", rules), fmt::format("{}", count), fmt::format("{}", proof.pairs),
             fmt::format("{}", proof.searched), compile.to_string(), prove.to_string(), processor.to_string(),
             fmt::format("{:.0f}", compiled_megabytes), fmt::format("{:.0f}", peak_megabytes())});
  return {};
}

}  // namespace

base::Result<void> run_prove(const Settings& settings) {
  print_header({"rules", "compiled", "pairs", "searched", "read, resolved, compiled, ms", "proven, ms",
                "of both cores, ms", "peak MB before", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("prove", [&] { return measure(rules, settings.runs_or(rules >= 50000 ? 3 : 7)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
