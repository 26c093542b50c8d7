// SPDX-License-Identifier: GPL-2.0-or-later
// Section "queue-packets": the processor time of a forwarded UDP packet of 60 bytes of a connection that the rules
// have decided already, by the number of different queues that the ruleset has.
//
// "accepted": the connection is a plain accepted one and has nothing to do with the queues. "queued": the packet is led
// to the queue of its connection, the flows being spread over up to 64 of the queues; nobody listens there and the
// rules have `bypass`, so the kernel makes the packet ready for a queue, finds none and lets it pass.
#include <fmt/format.h>

#include <algorithm>
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

constexpr std::uint32_t kMostQueues = 65536;
constexpr unsigned kFlows = 1024;

void add_subject(PacketPath& router, const BackendRow& backend, const char* what, std::uint32_t queues,
                 std::size_t kernel_rules, const std::vector<std::uint16_t>& ports, std::vector<Subject>& subjects) {
  std::vector<Frame> frames = router.frames(ports, kFlows / static_cast<unsigned>(ports.size()));
  router.open_flows(frames);
  subjects.push_back({{std::string(backend.name), what, fmt::format("{}", queues), fmt::format("{}", kernel_rules)},
                      &router,
                      std::move(frames)});
}

/// Whether the flows are on their way to as many queues as they should be: what the marks of the connections say.
base::Result<void> check_queues(const PacketPath& router, std::size_t expected) {
  const lab::Inside there(router.router());
  const auto kernel = apply::make_kernel();
  const auto live = VM_TRY(apply::live_queues(*kernel, ir::MarkLayout{}));
  if (live.size() == expected) return {};
  return base::failure(fmt::format("the flows go to {} queues, not to {}", live.size(), expected));
}

void print(const std::vector<Subject>& subjects, const char* what) {
  const Subject* first = nullptr;
  for (const Subject& subject : subjects) {
    if (subject.cells[1] != what) continue;
    if (first == nullptr || first->cells[0] != subject.cells[0]) first = &subject;
    std::vector<std::string> cells = subject.cells;
    cells.push_back(fmt::format("{:.0f}", subject.cost.min()));
    cells.push_back(subject.cost.to_string(0));
    cells.push_back(first == &subject ? "–" : differences(subject.cost, first->cost).to_string(0));
    print_row(cells);
  }
}

}  // namespace

base::Result<void> run_queue_packets(const Settings& settings) {
  VM_TRY_VOID(enter_namespaces());
  Routers routers;
  std::vector<Subject> subjects;
  std::vector<std::uint32_t> sizes{0};
  for (const std::uint32_t size : settings.sizes) sizes.push_back(std::min(size, kMostQueues));
  for (const BackendRow& backend : available_backends()) {
    const auto missing = queues_missing(backend);
    if (missing) print_note(fmt::format("Left out: queues with {}: {}.", backend.name, *missing));
    for (const std::uint32_t queues : sizes) {
      if (queues > 0 && missing) break;
      const ProbedPolicy policy = queue_policy(queues);
      const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(policy.tree, backend.backend));
      PacketPath* const router = VM_TRY(routers.add(ruleset, backend.backend));
      add_subject(*router, backend, "accepted", queues, ruleset.rule_count(), {policy.accepted_port}, subjects);
      if (queues > 0) add_subject(*router, backend, "queued", queues, ruleset.rule_count(), policy.ports, subjects);
      VM_TRY_VOID(check_queues(*router, policy.ports.size()));
    }
  }
  VM_TRY_VOID(take_turns(subjects, settings.runs_or(15)));
  print_header({"engine", "connection", "queues", "kernel rules", "ns: least", "median (min–max)",
                "more than with the fewest queues"});
  print(subjects, "accepted");
  print(subjects, "queued");
  return {};
}

}  // namespace vuurmuur::bench
