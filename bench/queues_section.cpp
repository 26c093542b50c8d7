// SPDX-License-Identifier: GPL-2.0-or-later
// Section "queues": a policy in which every rule sends its connections to a queue of its own, both families: compile
// from files in memory, load into an empty kernel, load again with nothing changed and with one queue less before it.
#include <fmt/format.h>

#include <algorithm>

#include "backends.h"
#include "exchange.h"
#include "policy.h"
#include "probes.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kMostQueues = 65536;

base::Result<double> apply_timed(const ir::Ruleset& ruleset, apply::Backend backend) {
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = backend;
  options.state_directory = "/run/queues/state";
  Stopwatch watch;
  VM_TRY(apply::apply(*kernel, ruleset, options));
  return watch.lap();
}

base::Result<void> measure(std::uint32_t queues, const BackendRow& backend, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  if (const auto missing = queues_missing(backend))
    return print_note(fmt::format("Left out: queues with {}: {}.", backend.name, *missing)), base::Result<void>();
  const ProbedPolicy policy = queue_policy(queues), one_less = queue_policy(queues - 1);
  const ir::Ruleset smaller = VM_TRY(compile_for_kernel(one_less.tree, backend.backend));
  Samples compile, first, same, more, both, kernel_alone;
  std::size_t kernel_rules = 0;
  for (unsigned i = 0; i < runs; ++i) {
    Stopwatch watch;
    const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(policy.tree, backend.backend));
    compile.add(watch.lap());
    kernel_rules = ruleset.rule_count();
    VM_TRY_VOID(fresh_network());
    first.add(VM_TRY(apply_timed(ruleset, backend.backend)));
    both.add(compile.values().back() + first.values().back());
    same.add(VM_TRY(apply_timed(ruleset, backend.backend)));
    if (backend.backend == apply::Backend::Xtables) {
      const auto tables = VM_TRY(read_tables(ruleset));
      kernel_alone.add(VM_TRY(exchange(tables)).wall_ms);
    }
    VM_TRY(apply_timed(smaller, backend.backend));
    more.add(VM_TRY(apply_timed(ruleset, backend.backend)));
  }
  print_row({std::string(backend.name), std::to_string(queues), std::to_string(kernel_rules), compile.to_string(0),
             first.to_string(0), both.to_string(0), same.to_string(0), more.to_string(0), kernel_alone.to_string(0)});
  return {};
}

}  // namespace

base::Result<void> run_queues(const Settings& settings) {
  print_header({"engine", "queues", "kernel rules", "compile ms", "load ms, empty kernel", "compile and load ms",
                "load ms, nothing changed", "load ms, one queue more", "SET_REPLACE alone, ms"});
  bool good = true;
  for (const BackendRow& backend : available_backends())
    for (const std::uint32_t size : settings.sizes) {
      const std::uint32_t queues = std::min(size, kMostQueues);
      const unsigned runs = settings.runs_or(queues >= 10000 ? 3 : 7);
      good = in_child("queues", [&] { return measure(queues, backend, runs); }) && good;
    }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
