// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/assert.h"
#include "compile/log_identity.h"
#include "compile/passes.h"
#include "compile/pipeline.h"
#include "ir/print.h"
#include "ir/verify.h"

namespace vuurmuur::compile {
namespace {

/// The pipeline, which runs for each family. Everything that ends up in one chain is appended in this order.
constexpr std::array kPasses{
    Pass{"raw-admission", "table raw: DHCP passes, spoofed sources and failed reverse paths are dropped",
         pass_raw_admission},
    Pass{"helpers", "table raw: conntrack helpers for the services that have one", pass_helpers},
    Pass{"clamp-mss", "table mangle: TCP MSS clamping", pass_clamp_mss},
    Pass{"established", "filter: policies, user hooks, connections that are decided already", pass_established},
    Pass{"loopback", "filter: the loopback interface", pass_loopback},
    Pass{"protections", "filter: bad TCP flags, openings without SYN, fragments, invalid packets", pass_protections},
    Pass{"neighbour-discovery", "filter: ICMPv6 that a link cannot live without", pass_neighbour_discovery},
    Pass{"blocklist", "filter: blocked addresses", pass_blocklist},
    Pass{"baits", "nat and filter: addresses that are led to a bait", pass_baits},
    Pass{"spoofed-destinations", "filter: packets to addresses that cannot be there", pass_spoofed_destinations},
    Pass{"dhcp", "filter: DHCP and DHCPv6 of the networks that ask for it", pass_dhcp},
    Pass{"new-connections", "filter: only state NEW goes to the rules", pass_new_connections},
    Pass{"connection-limits", "filter: new connections a second from one source", pass_connection_limits},
    Pass{"filter-rules", "filter: the user's rules", pass_filter_rules},
    Pass{"nat-rules", "nat: the user's rules", pass_nat_rules},
    Pass{"policy-log", "filter: what no rule took is logged", pass_policy_log},
    Pass{"mark-dispatch", "filter: trees from connection marks to queues, log groups and packet marks",
         pass_mark_dispatch},
    Pass{"log-identity", "log records say at their end which rule they are of", pass_log_identity},
    Pass{"merge-duplicates", "equal rules of one origin are emitted once", pass_merge_duplicates},
    Pass{"address-sets", "many rules that differ in addresses and port only ask a set", pass_address_sets},
    Pass{"interface-dispatch", "long chains are entered by the interfaces of a packet", pass_interface_dispatch},
    Pass{"address-trees", "long chains become trees over addresses, protocol and port", pass_address_trees},
    Pass{"inline-chains", "a short chain that one rule leads to is written in its place", pass_inline_chains},
    Pass{"prune-chains", "chains that nothing leads to are left out", pass_prune_chains},
    Pass{"sysctls", "kernel settings", pass_sysctls, Pass::Scope::Ruleset},
};

ir::MarkLayout layout_of(const sema::Policy& policy) {
  const auto layout = ir::MarkLayout::create(*policy.settings->connmark_mask);
  VM_ASSERT(layout.has_value());
  return *layout;
}

std::size_t rule_count(const ir::FamilyRules& rules) {
  std::size_t count = 0;
  for (const ir::Table& table : rules.tables) count += table.rule_count();
  return count;
}

void verify_after(std::string_view pass, const Context& context) {
  const auto problems = ir::verify(context.ruleset, context.layout.mask());
  for (const std::string& problem : problems)
    std::fprintf(stderr, "after pass %.*s: %s\n", static_cast<int>(pass.size()), pass.data(), problem.c_str());
  VM_ASSERT(problems.empty());
}

}  // namespace

std::vector<PassInfo> list_passes() {
  std::vector<PassInfo> infos;
  for (const Pass& pass : kPasses) infos.push_back({pass.name, pass.what});
  return infos;
}

ir::Ruleset Pipeline::begin(const sema::Policy& policy) {
  ir::Ruleset ruleset;
  ruleset.marks = layout_of(policy);
  ruleset.origins.reserve(policy.rules.size());
  for (const sema::Rule& rule : policy.rules) ruleset.add_origin(rule_label(*rule.source), rule.place);
  return ruleset;
}

Pipeline::Pipeline(const sema::Policy& policy, const Options& options)
    : policy_(policy), options_(options), layout_(layout_of(policy)) {
  for (const Pass& pass : kPasses)
    if (std::ranges::find(options.disabled_passes, pass.name) == options.disabled_passes.end())
      timings_.push_back({.name = pass.name});
}

void Pipeline::run_family(net::Family family, ir::Ruleset& ruleset, LoweredRules* kept) {
  run({.policy = policy_, .options = options_, .family = family, .ruleset = ruleset, .layout = layout_, .kept = kept},
      Pass::Scope::Family);
}

void Pipeline::finish(ir::Ruleset& ruleset) {
  if (is_stopped_) return;
  ruleset.blocked = policy_.blocked;
  ruleset.sysctls.clear();
  run({.policy = policy_, .options = options_, .family = {}, .ruleset = ruleset, .layout = layout_},
      Pass::Scope::Ruleset);
}

void Pipeline::run(Context context, Pass::Scope scope) {
  auto timing = timings_.begin();
  for (const Pass& pass : kPasses) {
    if (timing == timings_.end() || timing->name != pass.name) continue;  // it is disabled
    if (pass.scope == scope) {
      const auto begin = std::chrono::steady_clock::now();
      pass.run(context);
      timing->duration += std::chrono::steady_clock::now() - begin;
      timing->rules_after += scope == Pass::Scope::Family ? rule_count(context.rules()) : context.ruleset.rule_count();
      if (options_.verify) verify_after(pass.name, context);
      is_stopped_ = pass.name == options_.dump_after;
      if (is_stopped_) return;
    }
    ++timing;
  }
}

Output compile(const sema::Policy& policy, const Options& options) {
  const auto run = [&policy](const Options& with) {
    Pipeline pipeline(policy, with);
    Output output{.ruleset = Pipeline::begin(policy), .timings = {}, .dump = {}};
    for (const net::Family family : net::kFamilies) pipeline.run_family(family, output.ruleset, /*kept=*/nullptr);
    pipeline.finish(output.ruleset);
    output.timings = pipeline.timings();
    return output;
  };
  if (options.dump_after.empty()) return run(options);
  // Both families as they are behind the pass, which are not there at the same time.
  std::string dump = ir::print(run(options).ruleset);
  Options whole = options;
  whole.dump_after.clear();
  Output output = run(whole);
  output.dump = std::move(dump);
  return output;
}

}  // namespace vuurmuur::compile
