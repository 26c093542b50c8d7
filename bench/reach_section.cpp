// SPDX-License-Identifier: GPL-2.0-or-later
// Section "reach": which rules can match, and which of these make a difference, found out for all packets at once,
// beside reading and resolving the policy.
#include <fmt/format.h>

#include "analyse/never_matching.h"
#include "analyse/redundant.h"
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
  Samples resolve, reach, difference;
  std::size_t never = 0, redundant = 0, unfinished = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch step;
    diag::Sink sink;
    const config::Tree tree = config::read_tree(files, "/tree", sink);
    const sema::Policy policy = sema::resolve(tree.policy, tree.sources, sink);
    if (sink.has_errors()) return base::failure("the generated tree has errors: " + sink.all().front().message);
    resolve.add(step.lap());
    const auto reaches = analyse::reach_of_rules(policy);
    reach.add(step.lap());
    const auto redundancies = analyse::redundant_rules(policy, reaches);
    difference.add(step.lap());
    never = redundant = unfinished = 0;
    for (const analyse::Reach& each : reaches) {
      never += each.kind == analyse::Reach::Kind::Never;
      unfinished += each.kind == analyse::Reach::Kind::NotFinished;
    }
    for (const analyse::Redundancy& each : redundancies) {
      redundant += each.kind == analyse::Redundancy::Kind::Redundant;
      unfinished += each.kind == analyse::Redundancy::Kind::NotFinished;
    }
  }
  print_row({fmt::format("{}", rules), fmt::format("{}", never), fmt::format("{}", redundant),
             fmt::format("{}", unfinished), resolve.to_string(), reach.to_string(), difference.to_string(),
             fmt::format("{:.0f}", peak_megabytes())});
  return {};
}

}  // namespace

base::Result<void> run_reach(const Settings& settings) {
  print_header({"rules", "never match", "make no difference", "not finished", "read and resolved, ms",
                "which can match, ms", "which make a difference, ms", "peak MB"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("reach", [&] { return measure(rules, settings.runs_or(rules >= 100000 ? 3 : 11)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
