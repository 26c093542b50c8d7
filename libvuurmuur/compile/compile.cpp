// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/compile.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/assert.h"
#include "compile/passes.h"
#include "ir/print.h"
#include "ir/verify.h"

namespace vuurmuur::compile {
namespace {

/// The pipeline. Everything that ends up in one chain is appended in this order.
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
    Pass{"spoofed-destinations", "filter: packets to addresses that cannot be there", pass_spoofed_destinations},
    Pass{"dhcp", "filter: DHCP and DHCPv6 of the networks that ask for it", pass_dhcp},
    Pass{"new-connections", "filter: only state NEW goes to the rules", pass_new_connections},
    Pass{"connection-limits", "filter: new connections a second from one source", pass_connection_limits},
    Pass{"filter-rules", "filter: the user's rules", pass_filter_rules},
    Pass{"nat-rules", "nat: the user's rules", pass_nat_rules},
    Pass{"policy-log", "filter: what no rule took is logged", pass_policy_log},
    Pass{"mark-dispatch", "filter: trees from connection marks to queues, log groups and packet marks",
         pass_mark_dispatch},
    Pass{"sysctls", "kernel settings", pass_sysctls},
    Pass{"merge-duplicates", "equal rules of one origin are emitted once", pass_merge_duplicates},
    Pass{"address-sets", "many rules that differ in addresses and port only ask a set", pass_address_sets},
    Pass{"interface-dispatch", "long chains are entered by the interfaces of a packet", pass_interface_dispatch},
    Pass{"address-trees", "long chains become trees over addresses, protocol and port", pass_address_trees},
    Pass{"prune-chains", "chains that nothing leads to are left out", pass_prune_chains},
};

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

Output compile(const sema::Policy& policy, const Options& options) {
  const auto layout = ir::MarkLayout::create(*policy.settings->connmark_mask);
  VM_ASSERT(layout.has_value());
  Output output;
  output.ruleset.marks = *layout;
  Context context{policy, options, output.ruleset, *layout};
  for (const Pass& pass : kPasses) {
    if (std::ranges::find(options.disabled_passes, pass.name) != options.disabled_passes.end()) continue;
    const auto begin = std::chrono::steady_clock::now();
    pass.run(context);
    output.timings.push_back({pass.name, std::chrono::steady_clock::now() - begin, output.ruleset.rule_count()});
    if (options.verify) verify_after(pass.name, context);
    if (options.dump_after == pass.name) output.dump = ir::print(output.ruleset);
  }
  return output;
}

}  // namespace vuurmuur::compile
