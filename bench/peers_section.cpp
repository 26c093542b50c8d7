// SPDX-License-Identifier: GPL-2.0-or-later
// Section "peers": one policy in the languages of several programs, from files to rules in force in an empty kernel, by
// each program's own command. They take turns, and the ratio is taken turn by turn.
#include <fmt/format.h>

#include <cstdio>

#include "peers.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

struct Entry {
  const Peer* peer;
  std::string directory;
  Costs costs{};
  std::string problem{};
};

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  VM_TRY_VOID(enter_namespaces_as_root());
  std::vector<Entry> entries;
  for (const Peer& peer : peers()) {
    if (peer.missing() || rules > peer.most_rules) continue;
    const std::string directory = fmt::format("/run/peers/{}", entries.size());
    // In a child, so that this process stays small: a program's peak memory begins with that of who starts it.
    if (!in_child("peers: files", [&] { return peer.write(PeerPolicy(rules), directory); }))
      return base::failure(fmt::format("no files for {}", peer.name));
    entries.push_back({&peer, directory});
  }
  for (unsigned i = 0; i < runs; ++i)
    for (Entry& entry : entries) {
      if (!entry.problem.empty()) continue;
      VM_TRY_VOID(fresh_network());
      const auto cost = entry.peer->run(entry.directory);
      if (cost)
        entry.costs.add(*cost);
      else
        entry.problem = cost.error().message;
    }
  const Costs& ours = entries.front().costs;
  if (!entries.front().problem.empty()) return base::failure(entries.front().problem);
  for (const Entry& entry : entries)
    if (entry.problem.empty())
      print_row({std::to_string(rules), std::string(entry.peer->name), std::string(entry.peer->starts_from),
                 entry.costs.milliseconds.to_string(0), entry.costs.processor.to_string(0),
                 entry.costs.megabytes.to_string(0), ratios(ours.processor, entry.costs.processor).to_string(2),
                 ratios(ours.milliseconds, entry.costs.milliseconds).to_string(2)});
  for (const Entry& entry : entries)
    if (!entry.problem.empty())
      std::fprintf(stderr, "peers: left out at %u rules: %s: %s\n", rules, std::string(entry.peer->name).c_str(),
                   entry.problem.c_str());
  return {};
}

}  // namespace

base::Result<void> run_peers(const Settings& settings) {
  for (const Peer& peer : peers())
    if (const auto reason = peer.missing()) print_note(fmt::format("Left out: {}: {}.", peer.name, *reason));
  print_header({"rules", "program", "from", "ms (min–max)", "processor ms (min–max)", "peak MB (min–max)",
                "ours is … of it: processor, turn by turn (min–max)", "ms, turn by turn (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 10000 ? 3 : 5);
    good = in_child("peers", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
