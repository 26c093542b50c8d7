// SPDX-License-Identifier: GPL-2.0-or-later
// Kernel settings (Documentation/networking/ip-sysctl.rst). Forwarding is switched on after the rules are in force, and
// never off: other programs on the machine may need it, and the policy of FORWARD holds in any case.
#include <fmt/format.h>

#include "compile/passes.h"

namespace vuurmuur::compile {
namespace {

bool forwards(const sema::Rule& rule) {
  const auto outside = [](const sema::End& end) {
    return end.kind == sema::End::Kind::Any || end.kind == sema::End::Kind::Peers;
  };
  return outside(rule.from) && outside(rule.to) && !rule.never && *rule.source->action != model::Action::Redirect;
}

/// The kernel has such settings for each device that is there; which devices a wildcard stands for, nobody knows here.
void add_interface(ir::Ruleset& ruleset, const sema::Interface& interface) {
  if (interface.is_wildcard()) return;
  const auto ipv4 = [&](std::string_view key, std::string_view value) {
    ruleset.sysctls.push_back({fmt::format("net/ipv4/conf/{}/{}", interface.device, key), std::string(value)});
  };
  const auto ipv6 = [&](std::string_view key, std::string_view value) {
    if (interface.has(net::Family::Ipv6))
      ruleset.sysctls.push_back({fmt::format("net/ipv6/conf/{}/{}", interface.device, key), std::string(value)});
  };
  const model::InterfaceProtections& protections = interface.protections;
  if (protections.source_routed_packets) {
    ipv4("accept_source_route", "0");
    ipv6("accept_source_route", "-1");
  }
  if (protections.icmp_redirect) {
    ipv4("accept_redirects", "0");
    ipv6("accept_redirects", "0");
  }
  if (protections.send_redirect) ipv4("send_redirects", "0");
  if (protections.rp_filter) ipv4("rp_filter", "1");
  if (protections.log_martians) ipv4("log_martians", "1");
}

}  // namespace

void pass_sysctls(Context& context) {
  ir::Ruleset& ruleset = context.ruleset;
  const model::Settings& settings = context.settings();
  const auto flag = [](bool on) { return std::string(on ? "1" : "0"); };
  for (const sema::Interface& interface : context.policy.interfaces) add_interface(ruleset, interface);
  ruleset.sysctls.push_back({"net/ipv4/tcp_syncookies", flag(settings.protect_syncookie)});
  ruleset.sysctls.push_back({"net/ipv4/icmp_echo_ignore_broadcasts", flag(settings.protect_echo_broadcast)});
  ruleset.sysctls.push_back({"net/netfilter/nf_conntrack_acct", flag(settings.conntrack_accounting)});
  for (const sema::Rule& rule : context.policy.rules) {
    if (!forwards(rule)) continue;
    ruleset.sysctls.push_back({"net/ipv4/ip_forward", "1", /*after_rules=*/true});
    for (const sema::Interface& interface : context.policy.interfaces)
      if (interface.has(net::Family::Ipv6)) {
        ruleset.sysctls.push_back({"net/ipv6/conf/all/forwarding", "1", /*after_rules=*/true});
        return;
      }
    return;
  }
}

}  // namespace vuurmuur::compile
