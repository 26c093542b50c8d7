// SPDX-License-Identifier: GPL-2.0-or-later
// The head of each filter chain: the user's own hook, then every packet whose connection is decided already. A plain
// connection is accepted by the first rule behind the hook; a marked one goes where its mark says (mark_dispatch.cpp
// fills those chains). The cost does not depend on how many rules, queues or groups there are.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

ir::Rule marked(const Context& context, ir::MarkKind kind, ir::Target target, ir::OriginId origin) {
  ir::Rule rule{.target = std::move(target), .origin = origin};
  rule.matches.push_back(ir::ConnmarkMatch{context.layout.encode(kind), context.layout.kind_mask()});
  return rule;
}

/// The tree of a kind, or plain acceptance when nothing of that kind is in use: such a connection was accepted.
ir::Target dispatch_or_accept(ir::Table& filter, bool in_use, std::string_view chain) {
  if (!in_use) return ir::AcceptTarget{};
  return ir::GotoTarget{filter.chain_named(chain)};
}

/// A program that inspects resets connections in the name of their ends. It must not be asked about its own packets,
/// and nothing else must drop them.
ir::Rule reset_of_queued(const Context& context, ir::OriginId origin) {
  using Flags = ir::TcpFlags;
  ir::Rule rule{.protocol = net::Protocol::Tcp, .target = ir::AcceptTarget{}, .origin = origin};
  rule.matches.push_back(ir::TcpMatch{.flags = {Flags::kFin | Flags::kSyn | Flags::kRst, Flags::kRst}});
  rule.matches.push_back(ir::ConntrackMatch{ir::kCtEstablished});
  rule.matches.push_back(ir::ConnmarkMatch{context.layout.encode(ir::MarkKind::Queued), context.layout.kind_mask()});
  return rule;
}

}  // namespace

void pass_established(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto hook_origin = context.ruleset.add_origin("user hook");
  const auto plain_origin = context.ruleset.add_origin("plain established connections");
  const auto queued_origin = context.ruleset.add_origin("queued connections");
  const auto logged_origin = context.ruleset.add_origin("logged connections");
  const auto marked_origin = context.ruleset.add_origin("connections with a packet mark");
  const bool has_queues = !context.policy.queues.empty() || !context.options.live_queues.empty();
  for (const ir::Hook hook : kFilterHooks) {
    filter.chain(filter.builtin(hook)).policy_drop = true;
    const ir::ChainId chain = hook_chain(context, filter, hook);
    const ir::ChainId user = filter.chain_named(fmt::format("PRE-VRMR-{}", to_string(hook)), ir::ChainKind::Foreign);
    filter.append(chain, ir::Rule{.target = ir::JumpTarget{user}, .origin = hook_origin});
    ir::Rule plain = marked(context, ir::MarkKind::Plain, ir::AcceptTarget{}, plain_origin);
    plain.matches.insert(plain.matches.begin(), ir::ConntrackMatch{ir::kCtRelated | ir::kCtEstablished});
    filter.append(chain, std::move(plain));
    if (has_queues && hook == ir::Hook::Output)
      filter.append(chain, reset_of_queued(context, context.ruleset.add_origin("resets of queued connections")));
    filter.append(
        chain, marked(context, ir::MarkKind::Queued, ir::GotoTarget{filter.chain_named("VRMR-QUEUE")}, queued_origin));
    filter.append(chain,
                  marked(context, ir::MarkKind::Logged,
                         dispatch_or_accept(filter, !context.policy.log_groups.empty(), "VRMR-LOGGED"), logged_origin));
    filter.append(
        chain, marked(context, ir::MarkKind::Marked,
                      dispatch_or_accept(filter, !context.policy.packet_marks.empty(), "VRMR-MARKED"), marked_origin));
  }
}

}  // namespace vuurmuur::compile
