// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "compile/context.h"
#include "ir/ruleset.h"
#include "sema/policy.h"

// From the ends of a policy's rule to conditions of netfilter rules, one family and one chain at a time. What is given
// are rules with conditions and no target yet; doc/semantics.md sections 2 and 3 say what they have to be.
namespace vuurmuur::compile {

/// The chains of table filter that a rule's traffic passes.
[[nodiscard]] std::vector<ir::Hook> hooks_of(const sema::Rule& rule);

/// The ways in which a packet can meet a rule's ends in a chain: interfaces, addresses, MAC address.
[[nodiscard]] std::vector<ir::Rule> end_conditions(const Context& context, const sema::Rule& rule, net::Family family,
                                                   ir::Hook hook);

/// The same for traffic to this machine whatever the rule's TO is: from the rule's source to the addresses of the
/// interface it comes in by. For the traffic that portfw and dnat take.
[[nodiscard]] std::vector<ir::Rule> local_conditions(const Context& context, const sema::Rule& rule,
                                                     net::Family family);

/// The same for what was redirected: an interface that stands for several devices has whatever address the device has
/// to which the packet was sent.
[[nodiscard]] std::vector<ir::Rule> redirected_conditions(const Context& context, const sema::Rule& rule,
                                                          net::Family family);

/// From the rule's source to one given interface's addresses (bounce).
[[nodiscard]] std::vector<ir::Rule> via_conditions(const Context& context, const sema::Rule& rule, net::Family family,
                                                   const sema::Interface& via);

/// From the rule's source to the addresses of its destination, before routing: no outgoing interface.
[[nodiscard]] std::vector<ir::Rule> prerouting_conditions(const Context& context, const sema::Rule& rule,
                                                          net::Family family);

/// Packets that leave, and the interface of the policy that they leave by; nothing: by any.
struct Leaving {
  ir::Rule rule;
  std::optional<sema::InterfaceId> by;
};
/// From the rule's source to its destination, after routing: no incoming interface, no MAC address.
[[nodiscard]] std::vector<Leaving> postrouting_conditions(const Context& context, const sema::Rule& rule,
                                                          net::Family family);

/// UDP to broadcast addresses: for rules whose destination is one, and for services with BROADCAST. The chain's packets
/// only; IPv4.
[[nodiscard]] std::vector<ir::Rule> broadcast_conditions(const Context& context, const sema::Rule& rule, ir::Hook hook);

/// The answers to what the firewall sends to a broadcast address: from the network's hosts, ports turned round.
[[nodiscard]] std::vector<ir::Rule> broadcast_answers(const Context& context, const sema::Rule& rule);

}  // namespace vuurmuur::compile
