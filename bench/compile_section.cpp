// SPDX-License-Identifier: GPL-2.0-or-later
// Section "compile": what the way from a configuration to the text of its rules costs, by step. Every size in a process
// of its own, so that the peak memory is that size's.
#include <fmt/format.h>

#include "backend/iptables_save.h"
#include "compile/check_marks.h"
#include "compile/compile.h"
#include "config/tree.h"
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
  const double before = peak_megabytes();
  Samples read, resolved, compiled, printed, total;
  std::size_t kernel_rules = 0, bytes = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch step, whole;
    diag::Sink sink;
    const config::Tree tree = config::read_tree(files, "/tree", sink);
    read.add(step.lap());
    const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
    compile::check_marks(policy, sink);
    resolved.add(step.lap());
    if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
    const compile::Output output = compile::compile(policy);
    compiled.add(step.lap());
    const std::string v4 = backend::iptables_save(output.ruleset, net::Family::Ipv4);
    const std::string v6 = backend::iptables_save(output.ruleset, net::Family::Ipv6);
    printed.add(step.lap());
    total.add(whole.lap());
    kernel_rules = output.ruleset.rule_count();
    bytes = v4.size() + v6.size();
  }
  print_row({fmt::format("{}", rules), fmt::format("{}", kernel_rules), fmt::format("{:.1f}", read.median()),
             fmt::format("{:.1f}", resolved.median()), fmt::format("{:.1f}", compiled.median()),
             fmt::format("{:.1f}", printed.median()), total.to_string(),
             fmt::format("{:.0f}", peak_megabytes() - before),
             fmt::format("{:.1f}", static_cast<double>(bytes) / 1e6)});
  return {};
}

}  // namespace

base::Result<void> run_compile(const Settings& settings) {
  print_header({"rules", "kernel rules", "read ms", "resolve ms", "compile ms", "print ms", "all ms (min–max)",
                "peak MB", "text MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 100000 ? 3 : rules >= 10000 ? 7 : 15);
    good = in_child("compile", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
