// SPDX-License-Identifier: GPL-2.0-or-later
// Section "connection-list": 'vuurmuur connections' of a full table, by the names of the generated policy that is in
// force (1,000 hosts, 50 networks, 40 services), with its output thrown away; sorted, and picked by a queue, which the
// kernel does. Beside it in the same turn conntrack -L, and reading the table alone.
#include <fmt/format.h>
#include <sys/stat.h>

#include "apply/kernel.h"
#include "generate.h"
#include "live_table.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kRules = 100;
const std::string kDirectory = "/run/connections";

base::Result<void> measure(std::uint32_t connections, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  if (::mkdir(kDirectory.c_str(), 0700) != 0) return base::failure("make " + kDirectory + " failed");
  VM_TRY_VOID(write_tree(generate_tree(kRules), kDirectory + "/tree"));
  const std::string state = "--state-dir=" + kDirectory + "/state";
  VM_TRY_VOID(fresh_network());
  static_cast<void>(VM_TRY(run_program({VUURMUUR_PROGRAM, "apply", state, kDirectory + "/tree"})));
  VM_TRY_VOID(fill_table(connections));
  const auto kernel = apply::make_kernel();
  Costs list, json, sorted, queue;
  Samples reading, conntrack;
  std::size_t there = 0;
  for (unsigned i = 0; i < runs; ++i) {
    there = 0;
    Stopwatch watch;
    VM_TRY_VOID(kernel->list_connections({}, [&](const apply::TrackedConnection&) { return ++there != 0; }));
    reading.add(watch.lap());
    list.add(VM_TRY(run_program({VUURMUUR_PROGRAM, "connections", state})));
    json.add(VM_TRY(run_program({VUURMUUR_PROGRAM, "connections", state, "--json"})));
    sorted.add(VM_TRY(run_program({VUURMUUR_PROGRAM, "connections", state, "--sort=bytes", "--limit=100"})));
    queue.add(VM_TRY(run_program({VUURMUUR_PROGRAM, "connections", state, "queue:3"})));
    const Cost v4 = VM_TRY(run_program({"conntrack", "-L", "-f", "ipv4"}));
    conntrack.add((v4 + VM_TRY(run_program({"conntrack", "-L", "-f", "ipv6"}))).wall_ms);
  }
  print_row({std::to_string(there), reading.to_string(0), list.milliseconds.to_string(0),
             json.milliseconds.to_string(0), sorted.milliseconds.to_string(0), queue.milliseconds.to_string(0),
             fmt::format("{:.0f} / {:.0f}", list.megabytes.max(), sorted.megabytes.max()), conntrack.to_string(0)});
  return {};
}

}  // namespace

base::Result<void> run_connection_list(const Settings& settings) {
  print_header({"connections", "table read, ms", "connections, ms", "--json, ms", "--sort=bytes --limit=100, ms",
                "queue:3, ms", "peak MB, listed / sorted", "conntrack -L, ms"});
  bool good = true;
  for (const std::uint32_t connections : settings.sizes)
    good = in_child("connection-list", [&] { return measure(connections, settings.runs_or(5)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
