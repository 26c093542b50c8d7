// SPDX-License-Identifier: GPL-2.0-or-later
// Only packets that open a connection go to the user's rules. The state is tested once here instead of in every rule:
// the conntrack match is half of a rule's bytes.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

/// Drops what a source opens above a rate. The kernel finds a hashlimit table by its name and keeps the settings that
/// it was made with, hence the numbers in the name.
void append_limit(Context& context, ir::Hook hook, const model::ConnectionLimit& limit,
                  net::Protocol protocol, std::string_view word, std::string_view chain, std::string_view log) {
  if (!limit.enabled || limit.per_second == 0) return;
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin(fmt::format("limit: {}", word));
  ir::Rule rule{.protocol = protocol, .origin = origin};
  rule.matches.push_back(ir::HashlimitMatch{
      .name = fmt::format("vrmr-{}-{}-{}", word, limit.per_second, limit.burst),
      .per_second = limit.per_second,
      .burst = limit.burst,
      // One IPv6 customer has at least a /64 (RFC 6177): single addresses of it are not counted apart.
      .source_length = static_cast<std::uint8_t>(context.family == net::Family::Ipv4 ? 32 : 64)});
  rule.target = drop_target(context, filter, chain, true, {std::string(log)}, origin);
  filter.append(rules_chain(filter, hook), std::move(rule));
}

}  // namespace

void pass_new_connections(Context& context) {
  ir::Table& filter = context.table(ir::TableName::Filter);
  const auto origin = context.ruleset.add_origin("new connections");
  for (const ir::Hook hook : kFilterHooks) {
    ir::Rule rule{.target = ir::JumpTarget{rules_chain(filter, hook)}, .origin = origin};
    rule.matches.push_back(ir::ConntrackMatch{ir::kCtNew});
    filter.append(hook_chain(context, filter, hook), std::move(rule));
  }
}

void pass_connection_limits(Context& context) {
  const model::Settings& settings = context.settings();
  for (const ir::Hook hook : {ir::Hook::Input, ir::Hook::Forward}) {
    append_limit(context, hook, settings.syn_limit, net::Protocol::Tcp, "syn", "VRMR-SYNLIMIT",
                 "vrmr: DROP SYNLIMIT reach. ");
    append_limit(context, hook, settings.udp_limit, net::Protocol::Udp, "udp", "VRMR-UDPLIMIT",
                 "vrmr: DROP UDPLIMIT reach. ");
  }
}

}  // namespace vuurmuur::compile
