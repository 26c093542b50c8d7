// SPDX-License-Identifier: GPL-2.0-or-later
// Section "load": how long it takes until the rules of a policy, compiled already, are in force in an empty network
// namespace, both families: by us, by the kernel alone, and by iptables' own program; then the same for one rule more
// in a policy that is in force. They take turns, so that a machine that is slow for a while is slow for all of them,
// and ratios are taken turn by turn.
#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <vector>

#include "awake.h"
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
  Costs costs{};
};

/// A namespace of its own, once the kernel has most likely taken the one before apart, whose rules it frees beside us.
base::Result<void> fresh_network_after(const ir::Ruleset& ruleset) {
  constexpr std::chrono::microseconds kAtLeast{50'000}, kForEachRule{1};
  VM_TRY_VOID(fresh_network());
  std::this_thread::sleep_for(kAtLeast + ruleset.rule_count() * kForEachRule);
  return {};
}

base::Result<void> measure(std::uint32_t rules, unsigned runs) {
  VM_TRY_VOID(enter_namespaces());
  VM_TRY_VOID(use_all_processors());
  const Awake awake;
  const base::MemoryFileSystem tree = generate_tree(rules);
  const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(tree, apply::Backend::Xtables));
  const LoadCase load{.rules = rules, .ruleset = ruleset, .directory = "/run/load"};
  {
    const ir::Ruleset plain = VM_TRY(compile_without_sets(tree));
    VM_TRY_VOID(write_file(load.directory + "/v4", backend::iptables_save(plain, net::Family::Ipv4)));
    VM_TRY_VOID(write_file(load.directory + "/v6", backend::iptables_save(plain, net::Family::Ipv6)));
  }
  std::vector<Entry> entries;
  std::vector<std::string> notes;
  for (const Loader& loader : loaders()) {
    if (const auto reason = loader.missing())
      notes.push_back(fmt::format("Left out: {}.", *reason));
    else
      entries.push_back({&loader});
  }
  for (unsigned i = 0; i < runs; ++i)
    for (Entry& entry : entries) {
      VM_TRY_VOID(fresh_network_after(ruleset));
      const auto cost = entry.loader->load(load);
      if (!cost) return base::failure(fmt::format("{}: {}", entry.loader->name, cost.error().message));
      entry.costs.add(*cost);
    }
  const Costs* ours = nullptr;
  for (const Entry& entry : entries) {
    if (entry.loader->is_ours) ours = &entry.costs;
    const bool is_compared = ours != &entry.costs;
    print_row({std::to_string(rules), std::to_string(ruleset.rule_count()), std::string(entry.loader->name),
               entry.costs.milliseconds.to_string(), entry.costs.processor.to_string(),
               is_compared ? fmt::format("{:.2f}", ours->processor.min() / entry.costs.processor.min()) : "–",
               is_compared ? ratios(ours->processor, entry.costs.processor).to_string(2) : "–",
               is_compared ? ratios(ours->milliseconds, entry.costs.milliseconds).to_string(2) : "–"});
  }
  for (const std::string& note : notes) print_note(note);
  return {};
}

}  // namespace

base::Result<void> run_load(const Settings& settings) {
  print_header({"rules", "kernel rules", "by", "ms (min–max)", "processor ms (min–max)",
                "ours is … of it: processor, least by least", "processor, turn by turn (min–max)",
                "ms, turn by turn (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 100000 ? 5 : 15);
    good = in_child("load", [&] { return measure(rules, runs); }) && good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
