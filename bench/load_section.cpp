// SPDX-License-Identifier: GPL-2.0-or-later
// Section "load": how long it takes until the rules of a policy, compiled already, are in force in an empty network
// namespace, both families, by us and by the tools of others. The loaders take turns, so that a machine that is slow
// for a while is slow for all of them, and the ratio to ours is taken turn by turn.
#include <fmt/format.h>

#include <map>
#include <vector>

#include "backend/iptables_save.h"
#include "generate.h"
#include "load.h"
#include "policy.h"
#include "process.h"
#include "samples.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

/// A loader in one case.
struct Entry {
  const Loader* loader;
  Samples milliseconds;
};

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  const base::MemoryFileSystem tree = generate_tree(rules);
  const ir::Ruleset ruleset = VM_TRY(compile_tree(tree));
  VM_TRY_VOID(enter_namespaces());
  const LoadCase load{.rules = rules, .tree = tree, .ruleset = ruleset, .directory = "/run/load"};
  VM_TRY_VOID(write_file(load.directory + "/v4", backend::iptables_save(ruleset, net::Family::Ipv4)));
  VM_TRY_VOID(write_file(load.directory + "/v6", backend::iptables_save(ruleset, net::Family::Ipv6)));

  std::vector<Entry> entries;
  std::vector<std::string> notes;
  for (const Loader& loader : own_loaders()) {
    if (rules > loader.most_rules) continue;
    if (const auto reason = loader.missing()) {
      notes.push_back(fmt::format("Left out at {} rules: {}: {}.", rules, loader.name, *reason));
      continue;
    }
    VM_TRY_VOID(fresh_network());
    if (loader.prepare != nullptr)
      if (const auto prepared = loader.prepare(load); !prepared) {
        notes.push_back(fmt::format("Left out at {} rules: {}: {}.", rules, loader.name, prepared.error().message));
        continue;
      }
    entries.push_back({&loader, {}});
  }
  for (unsigned i = 0; i < runs; ++i)
    for (Entry& entry : entries) {
      VM_TRY_VOID(fresh_network());
      const auto milliseconds = entry.loader->load(load);
      if (!milliseconds) return base::failure(fmt::format("{}: {}", entry.loader->name, milliseconds.error().message));
      entry.milliseconds.add(*milliseconds);
    }
  const Samples& ours = entries.front().milliseconds;
  for (const Entry& entry : entries)
    print_row({fmt::format("{}", rules), fmt::format("{}", ruleset.rule_count()), std::string(entry.loader->name),
               entry.milliseconds.to_string(), ratios(entry.milliseconds, ours).to_string(2)});
  for (const std::string& note : notes) std::fprintf(stderr, "%s\n", note.c_str());
  return {};
}

}  // namespace

base::Result<void> run_load(const Settings& settings) {
  print_header({"rules", "kernel rules", "by", "ms (min–max)", "against ours (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 100000 ? 3 : rules >= 10000 ? 7 : 15);
    good = in_child("load", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
