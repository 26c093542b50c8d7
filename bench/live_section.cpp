// SPDX-License-Identifier: GPL-2.0-or-later
// Section "live": the whole of what an administrator waits for: the program `vuurmuur apply`, from its start until the
// rules are in force and to its end, with the configuration as files on a disk in memory and an empty kernel; then
// again with nothing changed. In the same turn iptables-legacy-restore loads the rules that it would have to be given.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>

#include "awake.h"
#include "backend/iptables_save.h"
#include "generate.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr const char *kTree = "/run/live/tree", *kJournal = "/run/live/state/journal.json";

/// In a child, so that this process stays small: a program's peak memory begins with that of who starts it.
base::Result<void> write_files(std::uint32_t rules) {
  const base::MemoryFileSystem tree = generate_tree(rules);
  VM_TRY_VOID(write_tree(tree, kTree));
  const ir::Ruleset plain = VM_TRY(compile_without_sets(tree));
  VM_TRY_VOID(write_file("/run/live/v4", backend::iptables_save(plain, net::Family::Ipv4)));
  return write_file("/run/live/v6", backend::iptables_save(plain, net::Family::Ipv6));
}

void print(const Costs& costs, const Samples& in_force, std::uint32_t rules, const char* what) {
  print_row({std::to_string(rules), what, in_force.to_string(), costs.milliseconds.to_string(),
             costs.processor.to_string(), costs.megabytes.to_string(0)});
}

/// Milliseconds of the clock that files have their times from.
double milliseconds_of(const timespec& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Runs our program, which writes its journal as soon as the rules are in force; after how many milliseconds that was.
base::Result<Cost> apply_program(const std::vector<std::string>& command, Samples& in_force) {
  timespec begin{};
  ::clock_gettime(CLOCK_REALTIME, &begin);
  const Cost cost = VM_TRY(run_program(command));
  struct stat journal {};
  if (::stat(kJournal, &journal) != 0) return base::system_error("look at the journal", errno);
  in_force.add(milliseconds_of(journal.st_mtim) - milliseconds_of(begin));
  return cost;
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  VM_TRY_VOID(use_all_processors());
  const Awake awake;
  if (!in_child("live: files", [&] { return write_files(rules); })) return base::failure("no files to start from");
  const std::vector<std::string> command{VUURMUUR_PROGRAM, "apply", "--state-dir=/run/live/state", kTree};
  const bool has_restore = find_program("iptables-legacy-restore").has_value();
  Costs first, again, restore;
  Samples first_in_force, again_in_force;
  for (unsigned i = 0; i < runs; ++i) {
    VM_TRY_VOID(fresh_network());
    first.add(VM_TRY(apply_program(command, first_in_force)));
    again.add(VM_TRY(apply_program(command, again_in_force)));
    if (!has_restore) continue;
    VM_TRY_VOID(fresh_network());
    const Cost v4 = VM_TRY(run_program({"iptables-legacy-restore"}, "/run/live/v4"));
    restore.add(v4 + VM_TRY(run_program({"ip6tables-legacy-restore"}, "/run/live/v6")));
  }
  print(first, first_in_force, rules, "vuurmuur apply, empty kernel");
  print(again, again_in_force, rules, "vuurmuur apply, nothing changed");
  if (has_restore) print(restore, {}, rules, "iptables-legacy-restore, both families, rules given");
  return {};
}

}  // namespace

base::Result<void> run_live(const Settings& settings) {
  print_header({"rules", "program", "ms until in force (min–max)", "ms until it ends (min–max)",
                "processor ms (min–max)", "peak MB (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 100000 ? 5 : 15);
    good = in_child("live", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
