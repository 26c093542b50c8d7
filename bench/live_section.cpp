// SPDX-License-Identifier: GPL-2.0-or-later
// Section "live": the whole of what an administrator waits for: the program `vuurmuur apply`, from its start to its
// end, with the configuration as files on a disk in memory and an empty kernel; then again with nothing changed. In the
// same turn iptables-legacy-restore loads the rules that it would have to be given.
#include <fmt/format.h>

#include "backend/iptables_save.h"
#include "generate.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr const char* kTree = "/run/live/tree";

/// In a child, so that this process stays small: a program's peak memory begins with that of who starts it.
base::Result<void> write_files(std::uint32_t rules) {
  const base::MemoryFileSystem tree = generate_tree(rules);
  VM_TRY_VOID(write_tree(tree, kTree));
  const ir::Ruleset plain = VM_TRY(compile_without_sets(tree));
  VM_TRY_VOID(write_file("/run/live/v4", backend::iptables_save(plain, net::Family::Ipv4)));
  return write_file("/run/live/v6", backend::iptables_save(plain, net::Family::Ipv6));
}

void print(const Costs& costs, std::uint32_t rules, const char* what) {
  print_row({std::to_string(rules), what, costs.milliseconds.to_string(), costs.processor.to_string(),
             costs.megabytes.to_string(0)});
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  VM_TRY_VOID(use_all_processors());
  if (!in_child("live: files", [&] { return write_files(rules); })) return base::failure("no files to start from");
  const std::vector<std::string> command{VUURMUUR_PROGRAM, "apply", "--state-dir=/run/live/state", kTree};
  const bool has_restore = find_program("iptables-legacy-restore").has_value();
  Costs first, again, restore;
  for (unsigned i = 0; i < runs; ++i) {
    VM_TRY_VOID(fresh_network());
    first.add(VM_TRY(run_program(command)));
    again.add(VM_TRY(run_program(command)));
    if (!has_restore) continue;
    VM_TRY_VOID(fresh_network());
    const Cost v4 = VM_TRY(run_program({"iptables-legacy-restore"}, "/run/live/v4"));
    restore.add(v4 + VM_TRY(run_program({"ip6tables-legacy-restore"}, "/run/live/v6")));
  }
  print(first, rules, "vuurmuur apply, empty kernel");
  print(again, rules, "vuurmuur apply, nothing changed");
  if (has_restore) print(restore, rules, "iptables-legacy-restore, both families, rules given");
  return {};
}

}  // namespace

base::Result<void> run_live(const Settings& settings) {
  print_header({"rules", "program", "ms (min–max)", "processor ms (min–max)", "peak MB (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 100000 ? 5 : 15);
    good = in_child("live", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
