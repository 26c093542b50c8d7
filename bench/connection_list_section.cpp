// SPDX-License-Identifier: GPL-2.0-or-later
// Section "connection-list": 'vuurmuur connections' of a full table, by the names of the generated policy that is in
// force (1,000 hosts, 50 networks, 40 services), with its output thrown away; sorted, and picked by a queue, which the
// kernel does. Beside it in the same turn conntrack -L, and reading the table alone. Before it the programs are asked
// once for what they tell: every connection exactly once, the same by both.
// The kernel's limit is one of each network namespace, not of the machine. Of more connections than it allows each of
// some namespaces gets a part, and they are listed one after the other: by the program, started in each, and by one
// process that does what the program does in all of them. The kernel keeps all in one hash table, through which every
// listing goes as a whole: these figures are above those of one namespace with as many.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "apply/kernel.h"
#include "base/unique_fd.h"
#include "cli/run.h"
#include "generate.h"
#include "lab/namespace.h"
#include "live_table.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"
#include "told_connections.h"

namespace vuurmuur::bench {
namespace {

constexpr std::uint32_t kRules = 100;
const std::string kDirectory = "/run/connections";

using Words = std::vector<std::string>;

/// A network namespace with a policy in force and a part of the connections.
struct Part {
  lab::NetNamespace place{};
  std::string state;
};
using Parts = std::vector<Part>;

/// Does the work in each namespace.
base::Result<void> everywhere(const Parts& parts, const std::function<base::Result<void>(const Part&)>& work) {
  for (const Part& part : parts) {
    const lab::Inside inside(part.place);
    VM_TRY_VOID(work(part));
  }
  return {};
}

/// The words of 'vuurmuur connections', without the program's name.
Words listing_words(const Part& part, const Words& options = {}) {
  Words words{"connections", part.state};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

Words listing(const Part& part, const Words& options = {}) {
  Words words = listing_words(part, options);
  words.insert(words.begin(), VUURMUUR_PROGRAM);
  return words;
}

base::Result<Cost> list_everywhere(const Parts& parts, const Words& options = {}) {
  Cost all;
  const auto list = [&](const Part& part) -> base::Result<void> {
    all = all + VM_TRY(run_program(listing(part, options)));
    return {};
  };
  VM_TRY_VOID(everywhere(parts, list));
  return all;
}

Words conntrack_words(const char* family) { return {"conntrack", "-L", "-f", family}; }

base::Result<Cost> conntrack_everywhere(const Parts& parts) {
  Cost all;
  const auto list = [&](const Part&) -> base::Result<void> {
    for (const char* family : {"ipv4", "ipv6"}) all = all + VM_TRY(run_program(conntrack_words(family)));
    return {};
  };
  VM_TRY_VOID(everywhere(parts, list));
  return all;
}

base::Result<Parts> make_parts(std::uint32_t connections) {
  Parts parts;
  const std::uint32_t most = most_connections().value_or(connections);
  const std::uint32_t number = (connections + most - 1) / most;
  for (std::uint32_t i = 0; i < number; ++i) {
    const Part& part = parts.emplace_back(Part{.state = fmt::format("--state-dir={}/state{}", kDirectory, i)});
    const lab::Inside inside(part.place);
    static_cast<void>(VM_TRY(run_program({VUURMUUR_PROGRAM, "apply", part.state, kDirectory + "/tree"})));
    VM_TRY_VOID(fill_table(connections / number + (i < connections % number ? 1 : 0), i));
  }
  return parts;
}

base::Result<void> expect_all_told_once(const Parts& parts, std::uint32_t connections) {
  ToldConnections ours, theirs;
  const auto take_ours = [&](std::string_view line) { ours.add_json(line); };
  const auto take_theirs = [&](std::string_view line) { theirs.add_conntrack(line); };
  const auto read = [&](const Part& part) -> base::Result<void> {
    VM_TRY_VOID(read_program(listing(part, {"--json"}), take_ours));
    for (const char* family : {"ipv4", "ipv6"}) VM_TRY_VOID(read_program(conntrack_words(family), take_theirs));
    return {};
  };
  VM_TRY_VOID(everywhere(parts, read));
  return ours.expect(connections, theirs);
}

/// The command of the program in namespace after namespace by this process, with its output thrown away.
base::Result<Cost> list_as_one_process(const Parts& parts) {
  std::fflush(stdout);
  const base::UniqueFd before(::dup(STDOUT_FILENO)), nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (::dup2(nowhere.get(), STDOUT_FILENO) < 0) return base::failure("throwing the output away failed");
  Meter meter;
  const auto done = everywhere(parts, [](const Part& part) -> base::Result<void> {
    if (cli::run(listing_words(part)) != 0) return base::failure("listing failed");
    return {};
  });
  Cost cost = meter.lap();
  cost.peak_megabytes = peak_megabytes();
  if (::dup2(before.get(), STDOUT_FILENO) < 0) return base::failure("writing to standard output again failed");
  VM_TRY_VOID(done);
  return cost;
}

base::Result<void> measure_one_process(const Parts& parts, std::uint32_t connections, unsigned runs) {
  Costs list;
  for (unsigned i = 0; i < runs; ++i) list.add(VM_TRY(list_as_one_process(parts)));
  print_row({fmt::format("{} in {}, by one process", connections, parts.size()), "–", list.milliseconds.to_string(0),
             list.processor.to_string(0), "–", "–", "–", fmt::format("{:.0f} / –", list.megabytes.max()), "–", "–", "–",
             "–", "–"});
  return {};
}

base::Result<void> measure(std::uint32_t connections, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  if (::mkdir(kDirectory.c_str(), 0700) != 0) return base::failure("make " + kDirectory + " failed");
  VM_TRY_VOID(write_tree(generate_tree(kRules), kDirectory + "/tree"));
  const Parts parts = VM_TRY(make_parts(connections));
  // In processes of their own: what these need is not to be seen in the memory of the programs (see Cost).
  if (!in_child("connection-list", [&] { return expect_all_told_once(parts, connections); }))
    return base::failure("not all connections are told exactly once");
  const auto kernel = apply::make_kernel();
  Costs list, json, sorted, queue, conntrack;
  Samples reading;
  for (unsigned i = 0; i < runs; ++i) {
    std::size_t there = 0;
    Stopwatch watch;
    VM_TRY_VOID(everywhere(parts, [&](const Part&) {
      return kernel->list_connections({}, [&](const apply::TrackedConnection&) { return ++there != 0; });
    }));
    reading.add(watch.lap());
    if (there != connections) return base::failure(fmt::format("{} connections, not {}", there, connections));
    list.add(VM_TRY(list_everywhere(parts)));
    conntrack.add(VM_TRY(conntrack_everywhere(parts)));
    json.add(VM_TRY(list_everywhere(parts, {"--json"})));
    sorted.add(VM_TRY(list_everywhere(parts, {"--sort=bytes", "--limit=100"})));
    queue.add(VM_TRY(list_everywhere(parts, {"queue:3"})));
  }
  print_row({parts.size() == 1 ? std::to_string(connections) : fmt::format("{} in {}", connections, parts.size()),
             reading.to_string(0), list.milliseconds.to_string(0), list.processor.to_string(0),
             json.milliseconds.to_string(0), sorted.milliseconds.to_string(0), queue.milliseconds.to_string(0),
             fmt::format("{:.0f} / {:.0f}", list.megabytes.max(), sorted.megabytes.max()),
             conntrack.milliseconds.to_string(0), conntrack.processor.to_string(0),
             fmt::format("{:.0f}", conntrack.megabytes.max()),
             ratios(list.milliseconds, conntrack.milliseconds).to_string(2),
             ratios(list.processor, conntrack.processor).to_string(2)});
  if (parts.size() > 1 && !in_child("connection-list", [&] { return measure_one_process(parts, connections, runs); }))
    return base::failure("one process failed");
  return {};
}

}  // namespace

base::Result<void> run_connection_list(const Settings& settings) {
  print_header({"connections (in namespaces)", "table read, ms", "connections, ms", "its processor ms", "--json, ms",
                "--sort=bytes --limit=100, ms", "queue:3, ms", "peak MB, listed / sorted", "conntrack -L, ms",
                "its processor ms", "peak MB", "connections ÷ conntrack -L", "÷ in processor time"});
  bool good = true;
  for (const std::uint32_t connections : settings.sizes)
    good = in_child("connection-list", [&] { return measure(connections, settings.runs_or(5)); }) && good;
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
