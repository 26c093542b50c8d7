// SPDX-License-Identifier: GPL-2.0-or-later
// Section "deep": all that rules held against each other tell, and its slowest parts, beside what reading and resolving
// takes.
#include <fmt/format.h>

#include "analyse/deep_check.h"
#include "analyse/never_matching.h"
#include "analyse/overlaps.h"
#include "analyse/ssh_reach.h"
#include "analyse/translations.h"
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
  Samples reach, overlap, translation, ssh, all;
  std::size_t pairs = 0, findings = 0;
  for (unsigned i = 0; i < runs; ++i) {
    diag::Sink sink;
    const config::Tree tree = config::read_tree(files, "/tree", sink);
    const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
    if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
    Stopwatch step;
    static_cast<void>(analyse::reach_of_rules(policy));
    reach.add(step.lap());
    {
      analyse::OverlapSearch search(policy);
      if (!search.find({})) return base::failure("the search for overlaps did not finish");
      pairs = search.found().size();
    }
    overlap.add(step.lap());
    static_cast<void>(analyse::translations_of_rules(policy));
    translation.add(step.lap());
    static_cast<void>(analyse::ssh_reach(tree.policy, policy));
    ssh.add(step.lap());
    diag::Sink told;
    analyse::check_deep(tree.policy, policy, {}, told);
    all.add(step.lap());
    findings = told.all().size();
  }
  print_row({fmt::format("{}", rules), fmt::format("{}", pairs), fmt::format("{}", findings), reach.to_string(),
             overlap.to_string(), translation.to_string(), ssh.to_string(), all.to_string()});
  return {};
}

}  // namespace

base::Result<void> run_deep(const Settings& settings) {
  print_header({"rules", "overlaps", "findings", "which can match, ms", "overlaps, ms", "translation, ms", "SSH, ms",
                "all of it, ms"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("deep", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 3 : 11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
