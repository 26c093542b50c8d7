// SPDX-License-Identifier: GPL-2.0-or-later
// Section "host-pairs": rules of one kind, each from one host to another, both families: how many rules the kernel has
// for them, and how long the load of the compiled policy takes. Beside it, in the same turn, the same rules one by one
// by iptables-legacy-restore.
#include <fmt/format.h>

#include "backend/iptables_save.h"
#include "backends.h"
#include "generate.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

struct Row {
  const BackendRow* backend;
  ir::Ruleset ruleset;
  std::size_t rules_for_them = 0;  ///< that the kernel has not got without the policy's rules
  Samples milliseconds{};
};

base::Result<double> load(const ir::Ruleset& ruleset, apply::Backend backend) {
  VM_TRY_VOID(fresh_network());
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = backend;
  options.state_directory = "/run/pairs/state";
  Stopwatch watch;
  VM_TRY(apply::apply(*kernel, ruleset, options));
  return watch.lap();
}

base::Result<void> measure(std::uint32_t pairs, unsigned runs) {
  VM_TRY_VOID(enter_namespaces_as_root());
  const base::MemoryFileSystem tree = host_pairs_tree(pairs), bare_tree = host_pairs_tree(0);
  std::vector<Row> rows;
  for (const BackendRow& backend : available_backends()) {
    Row row{.backend = &backend, .ruleset = VM_TRY(compile_for_kernel(tree, backend.backend))};
    const std::size_t bare = VM_TRY(compile_for_kernel(bare_tree, backend.backend)).rule_count();
    row.rules_for_them = row.ruleset.rule_count() - bare;
    rows.push_back(std::move(row));
  }
  const bool has_restore = find_program("iptables-legacy-restore").has_value();
  const ir::Ruleset plain = VM_TRY(compile_without_sets(tree));
  VM_TRY_VOID(write_file("/run/pairs/v4", backend::iptables_save(plain, net::Family::Ipv4)));
  VM_TRY_VOID(write_file("/run/pairs/v6", backend::iptables_save(plain, net::Family::Ipv6)));
  Samples restore;
  for (unsigned i = 0; i < runs; ++i) {
    for (Row& row : rows) row.milliseconds.add(VM_TRY(load(row.ruleset, row.backend->backend)));
    if (!has_restore) continue;
    VM_TRY_VOID(fresh_network());
    const Cost v4 = VM_TRY(run_program({"iptables-legacy-restore"}, "/run/pairs/v4"));
    const Cost v6 = VM_TRY(run_program({"ip6tables-legacy-restore"}, "/run/pairs/v6"));
    restore.add(v4.wall_ms + v6.wall_ms);
  }
  for (const Row& row : rows)
    print_row({std::to_string(pairs), fmt::format("vuurmuur apply, {}", row.backend->name),
               std::to_string(row.rules_for_them), std::to_string(row.ruleset.rule_count()),
               row.milliseconds.to_string()});
  if (has_restore) {
    const std::size_t bare = VM_TRY(compile_without_sets(bare_tree)).rule_count();
    print_row({std::to_string(pairs), "iptables-legacy-restore, no sets", std::to_string(plain.rule_count() - bare),
               std::to_string(plain.rule_count()), restore.to_string()});
  }
  return {};
}

}  // namespace

base::Result<void> run_host_pairs(const Settings& settings) {
  print_header({"rules", "by", "kernel rules for them", "kernel rules in all", "load ms (min–max)"});
  bool good = true;
  for (const std::uint32_t pairs : settings.sizes) {
    const unsigned runs = settings.runs_or(pairs >= 100000 ? 5 : 9);
    good = in_child("host-pairs", [&] { return measure(pairs, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
