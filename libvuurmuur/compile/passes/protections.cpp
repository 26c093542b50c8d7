// SPDX-License-Identifier: GPL-2.0-or-later
// Packets that no honest peer sends. They come after the accept of established packets: conntrack itself calls the flag
// combinations below INVALID (tcp_valid_flags in net/netfilter/nf_conntrack_proto_tcp.c), so none of them is
// established.
#include <fmt/format.h>

#include "compile/passes.h"
#include "compile/probes.h"

namespace vuurmuur::compile {
namespace {

ir::ChainId make_probe_chain(Context& context, ir::Table& filter) {
  const ir::ChainId chain = filter.chain_named("VRMR-TCPFLAGS");
  for (const Probe& probe : kProbes) {
    const auto origin = context.ruleset.add_origin(fmt::format("protection: probe {}", probe.name));
    ir::Rule rule{.protocol = net::Protocol::Tcp, .origin = origin};
    rule.matches.push_back(ir::TcpMatch{.flags = probe.flags});
    rule.target = drop_target(context, filter, fmt::format("VRMR-D-probe-{}", probe.name),
                              context.settings().log_probes, {fmt::format("vrmr: DROP probe {} ", probe.name)}, origin);
    filter.append(chain, std::move(rule));
  }
  return chain;
}

std::string_view hook_word(ir::Hook hook) {
  switch (hook) {
    case ir::Hook::Input: return "in";
    case ir::Hook::Output: return "out";
    default: return "fw";
  }
}

}  // namespace

void pass_protections(Context& context) {
  const model::Settings& settings = context.settings();
  ir::Table& filter = context.table(ir::TableName::Filter);
  const ir::ChainId probes = make_probe_chain(context, filter);
  const auto probe_origin = context.ruleset.add_origin("protection: TCP flags");
  const auto syn_origin = context.ruleset.add_origin("protection: new connection without SYN");
  const auto fragment_origin = context.ruleset.add_origin("protection: fragments");
  const auto invalid_origin = context.ruleset.add_origin("protection: invalid packets");
  for (const ir::Hook hook : kFilterHooks) {
    const ir::ChainId chain = hook_chain(context, filter, hook);
    filter.append(chain,
                  ir::Rule{.protocol = net::Protocol::Tcp, .target = ir::JumpTarget{probes}, .origin = probe_origin});

    ir::Rule without_syn{.protocol = net::Protocol::Tcp, .origin = syn_origin};
    without_syn.matches.push_back(ir::TcpMatch{.flags = ir::TcpFlags::syn(), .flags_inverted = true});
    without_syn.matches.push_back(ir::ConntrackMatch{ir::kCtNew});
    without_syn.target =
        drop_target(context, filter, "VRMR-D-no-syn", settings.log_no_syn, {"vrmr: DROP no SYN "}, syn_origin);
    filter.append(chain, std::move(without_syn));

    ir::Rule fragment{.origin = fragment_origin};
    if (context.family == net::Family::Ipv4)
      fragment.fragment = true;
    else
      fragment.matches.push_back(ir::FragmentHeaderMatch{});
    fragment.target = drop_target(context, filter, "VRMR-D-fragment", settings.log_fragments, {"vrmr: DROP FRAG "},
                                  fragment_origin);
    filter.append(chain, std::move(fragment));

    if (!settings.drop_invalid) continue;
    ir::Rule invalid{.origin = invalid_origin};
    invalid.matches.push_back(ir::ConntrackMatch{ir::kCtInvalid});
    invalid.target =
        drop_target(context, filter, fmt::format("VRMR-D-invalid-{}", hook_word(hook)), settings.log_invalid,
                    {fmt::format("vrmr: DROP {} INVALID ", hook_word(hook))}, invalid_origin);
    filter.append(chain, std::move(invalid));
  }
}

void pass_policy_log(Context& context) {
  if (!context.settings().log_policy) return;
  const std::uint32_t limit = context.settings().log_policy_limit;
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin("policy: no rule took the packet");
  for (const ir::Hook hook : kFilterHooks)
    append_log(context, filter, hook_chain(context, filter, hook),
               {fmt::format("vrmr: DROP {} policy ", hook_word(hook)), limit, log_burst(limit)}, origin);
}

}  // namespace vuurmuur::compile
