// SPDX-License-Identifier: GPL-2.0-or-later
// Section "packets": the processor time of a forwarded UDP packet of 60 bytes, by the number of rules. The packets are
// all new connections and the rule that takes them drops them, so each walks the rules: to the last one ("worst"), or
// to rules at even distances ("mean").
#include <fmt/format.h>

#include <vector>

#include "backends.h"
#include "policy.h"
#include "probes.h"
#include "process.h"
#include "routers.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

/// A kind of policy. Queues are not among its rules, because not every kernel has them for nf_tables.
struct Kind {
  const char* name;
  Mix mix;
};

constexpr Kind kKinds[] = {
    {"filter", {.queues = false, .nat = false}},
    {"gateway", {.queues = false, .nat = true}},
};

base::Result<void> add_subjects(Routers& routers, const Kind& kind, const BackendRow& backend, std::uint32_t rules,
                                std::vector<Subject>& subjects) {
  const ProbedPolicy policy = walked_policy(rules, kind.mix);
  const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(policy.tree, backend.backend));
  PacketPath* const router = VM_TRY(routers.add(ruleset, backend.backend));
  const std::vector<std::uint16_t> last{policy.ports.back()};
  const auto cells = [&](const char* position) {
    return std::vector<std::string>{std::string(backend.name), kind.name, fmt::format("{}", rules),
                                    fmt::format("{}", ruleset.rule_count()), position};
  };
  subjects.push_back({cells("worst"), router, router->frames(last, 1024), /*is_delivered=*/false});
  subjects.push_back({cells("mean"), router, router->frames(policy.ports, 64), /*is_delivered=*/false});
  return {};
}

}  // namespace

base::Result<void> run_packets(const Settings& settings) {
  VM_TRY_VOID(enter_namespaces_as_root());
  Routers routers;
  std::vector<Subject> subjects;
  PacketPath& bare = routers.add_bare();
  subjects.push_back({{"–", "none", "0", "0", "–"}, &bare, bare.frames(std::vector<std::uint16_t>{9}, 1024)});
  for (const BackendRow& backend : available_backends())
    for (const Kind& kind : kKinds)
      for (const std::uint32_t rules : settings.sizes)
        VM_TRY_VOID(add_subjects(routers, kind, backend, rules, subjects));
  VM_TRY_VOID(take_turns(subjects, settings.runs_or(15)));

  print_header({"engine", "policy", "rules", "kernel rules", "position", "ns: least", "median (min–max)",
                "more than with the fewest rules"});
  // Subjects come by engine and policy, fewest rules first, worst position before mean.
  const std::size_t group = 2 * settings.sizes.size();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    std::vector<std::string> cells = subjects[i].cells;
    const Samples& cost = subjects[i].cost;
    cells.push_back(fmt::format("{:.0f}", cost.min()));
    cells.push_back(cost.to_string(0));
    const bool is_compared = i > 0 && (i - 1) % group > 1;
    const std::size_t fewest = i == 0 ? 0 : 1 + (i - 1) / group * group + (i - 1) % 2;
    cells.push_back(is_compared ? differences(cost, subjects[fewest].cost).to_string(0) : "–");
    print_row(cells);
  }
  return {};
}

}  // namespace vuurmuur::bench
