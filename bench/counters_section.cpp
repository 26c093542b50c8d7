// SPDX-License-Identifier: GPL-2.0-or-later
// Section "counters": how long it takes to read what every rule of a policy has taken, both families, from the rules
// that the kernel holds; beside it the text that a program that reads iptables-save would have to read first.
#include <fmt/format.h>

#include "apply/apply.h"
#include "apply/rule_counters.h"
#include "awake.h"
#include "generate.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(generate_tree(rules), apply::Backend::Xtables));
  VM_TRY_VOID(enter_namespaces());
  VM_TRY_VOID(use_all_processors());
  const Awake awake;
  VM_TRY_VOID(fresh_network());
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.state_directory = "/run/state";
  VM_TRY(apply::apply(*kernel, ruleset, options));

  Samples ours, save;
  std::size_t told = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch watch;
    told = VM_TRY(apply::read_counters(*kernel, options.state_directory)).size();
    ours.add(watch.lap());
    if (!find_program("iptables-legacy-save")) continue;
    const Cost v4 = VM_TRY(run_program({"iptables-legacy-save", "-c"}, {}));
    const Cost v6 = VM_TRY(run_program({"ip6tables-legacy-save", "-c"}, {}));
    save.add(v4.wall_ms + v6.wall_ms);
  }
  print_row({std::to_string(rules), std::to_string(ruleset.rule_count()), std::to_string(told), ours.to_string(),
             save.to_string()});
  return {};
}

}  // namespace

base::Result<void> run_counters(const Settings& settings) {
  print_header({"rules", "in the kernel", "rules told", "read by rule, ms", "iptables-legacy-save -c, ms"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes)
    good = in_child("counters", [&] { return measure(rules, settings.runs_or(7)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
