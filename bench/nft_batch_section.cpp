// SPDX-License-Identifier: GPL-2.0-or-later
// Section "nft-batch": how long it takes until a compiled policy is in force in nf_tables, both families, in an empty
// network namespace, beside the kernel alone: the same messages, made up before, in one system call. "mixed" is the
// policy of section "load" without its queues; "pairs" are accept rules from host to host with many ports, which become
// maps, beside the messages of the same policy rule by rule.
#include <fmt/format.h>

#include "apply/apply.h"
#include "apply/nft_socket.h"
#include "backend/nft_batch.h"
#include "generate.h"
#include "peer_policy.h"
#include "policy.h"
#include "process.h"
#include "section.h"
#include "table.h"

namespace vuurmuur::bench {
namespace {

base::Result<Cost> apply_ours(const ir::Ruleset& ruleset) {
  VM_TRY_VOID(fresh_network());
  const auto kernel = apply::make_kernel();
  apply::Options options;
  options.backend = apply::Backend::Nft;
  options.state_directory = "/run/nft-batch/state";
  Meter meter;
  VM_TRY(apply::apply(*kernel, ruleset, options));
  return meter.lap();
}

/// The messages of a ruleset for a kernel without tables, with maps or rule by rule.
std::vector<std::byte> messages_of(const ir::Ruleset& ruleset, bool has_maps) {
  backend::nft::Batch batch;
  for (const net::Family family : net::kFamilies)
    batch.add_program(backend::nft::make_program(ruleset, family, {.shorten = has_maps}));
  const auto bytes = batch.finish();
  return {bytes.begin(), bytes.end()};
}

base::Result<Cost> send_alone(const std::vector<std::byte>& messages) {
  VM_TRY_VOID(fresh_network());
  apply::NftSocket socket = VM_TRY(apply::NftSocket::open());
  Meter meter;
  if (const auto done = socket.commit(messages); !done) return std::unexpected(done.error().error);
  return meter.lap();
}

base::Result<void> measure(std::uint32_t rules, const char* name, const base::MemoryFileSystem& tree,
                           bool is_rule_by_rule, unsigned runs) {
  const ir::Ruleset ruleset = VM_TRY(compile_for_kernel(tree, apply::Backend::Nft));
  const ir::Ruleset compared = is_rule_by_rule ? VM_TRY(compile_without_sets(tree)) : ruleset;
  const std::vector<std::byte> messages = messages_of(compared, !is_rule_by_rule);
  Costs ours, alone;
  for (unsigned i = 0; i < runs; ++i) {
    ours.add(VM_TRY(apply_ours(ruleset)));
    alone.add(VM_TRY(send_alone(messages)));
  }
  print_row({std::to_string(rules), name, "vuurmuur apply", std::to_string(ruleset.rule_count()),
             ours.milliseconds.to_string(), ours.processor.to_string(), "–", "–"});
  print_row({std::to_string(rules), name,
             is_rule_by_rule ? "the kernel alone, rule by rule" : "the kernel alone, same messages",
             std::to_string(compared.rule_count()), alone.milliseconds.to_string(), alone.processor.to_string(),
             ratios(ours.processor, alone.processor).to_string(2),
             ratios(ours.milliseconds, alone.milliseconds).to_string(2)});
  return {};
}

}  // namespace

base::Result<void> run_nft_batch(const Settings& settings) {
  print_header({"rules", "policy", "by", "rules before maps", "ms (min–max)", "processor ms (min–max)",
                "ours is … of it: processor, turn by turn (min–max)", "ms, turn by turn (min–max)"});
  bool good = true;
  for (const std::uint32_t rules : settings.sizes) {
    const unsigned runs = settings.runs_or(rules >= 10000 ? 5 : 9);
    good = in_child("nft-batch",
                    [&]() -> base::Result<void> {
                      VM_TRY_VOID(enter_namespaces_as_root());
                      VM_TRY_VOID(measure(rules, "mixed", tree_of(generate_rules(rules, {.queues = false})),
                                          /*is_rule_by_rule=*/false, runs));
                      return measure(rules, "pairs", PeerPolicy(rules).vuurmuur(), /*is_rule_by_rule=*/true, runs);
                    }) &&
           good;
  }
  if (!good) return base::failure("a size failed");
  return {};
}

}  // namespace vuurmuur::bench
