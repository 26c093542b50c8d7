// SPDX-License-Identifier: GPL-2.0-or-later
// Conntrack helpers, attached in table raw to what a rule with such a service lets through and to nothing else. A
// packet that does not have a helper's protocol and port passes one rule for it; the addresses stand behind that.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "compile/ends.h"
#include "compile/passes.h"
#include "compile/services.h"
#include "compile/verdicts.h"
#include "sema/helpers.h"

namespace vuurmuur::compile {
namespace {

using model::Action;

bool lets_through(Action action) {
  switch (action) {
    case Action::Accept:
    case Action::Nfqueue:
    case Action::Nflog:
    case Action::Portfw:
    case Action::Bounce: return true;
    default: return false;
  }
}

bool has_address(const sema::End& end, net::Family family) {
  return std::ranges::any_of(end.peers, [&](const sema::Peer& peer) {
    return std::ranges::any_of(peer.prefixes, [&](const net::Prefix& prefix) { return prefix.family() == family; });
  });
}

class HelperLowering {
 public:
  explicit HelperLowering(Context& context)
      : context_(context), family_(context.family), raw_(context.table(ir::TableName::Raw)) {}

  void rule(const sema::Rule& rule, ir::OriginId origin) {
    const model::Options& options = rule.source->options;
    const Action action = *rule.source->action;
    const bool forwarded = action == Action::Portfw || action == Action::Bounce;
    // What the host has no address for is not sent to it.
    if (forwarded && !has_address(rule.to, family_)) return;
    const std::vector<net::PortRange>* listen =
        forwarded && options.listen_ports ? &options.listen_ports->value : nullptr;
    for (const ServiceCondition& service : service_conditions(rule, family_, listen)) {
      if (!service.protocol || !sema::helper_serves(rule.helper, family_, *service.protocol)) continue;
      // raw sees addresses as they are before destination NAT.
      if (action == Action::Portfw)
        emit(ir::Hook::Prerouting, local_conditions(context_, rule, family_), service, rule.helper, origin);
      else if (action == Action::Bounce)
        emit(ir::Hook::Prerouting,
             via_conditions(context_, rule, family_, context_.policy.interface(*rule.via_interface)), service,
             rule.helper, origin);
      else
        for (const ir::Hook hook : hooks_of(rule)) {
          auto ends = end_conditions(context_, rule, family_, hook);
          if (hook == ir::Hook::Output) {
            emit(ir::Hook::Output, std::move(ends), service, rule.helper, origin);
            continue;
          }
          for (ir::Rule& end : ends) end.out_interface.clear();
          emit(ir::Hook::Prerouting, std::move(ends), service, rule.helper, origin);
        }
    }
  }

 private:
  using Gate = std::tuple<ir::Hook, std::string, net::Protocol, std::optional<ir::Match>>;

  /// The chain for packets of a protocol and ports, made with the rule that leads to it.
  ir::ChainId gate(ir::Hook hook, const ServiceCondition& service, const std::string& helper) {
    const auto [entry, is_new] = gates_.try_emplace(Gate{hook, helper, *service.protocol, service.match});
    if (!is_new) return entry->second;
    const ir::ChainId chain = raw_.chain_named(fmt::format("{}HELPER-{}", ir::kOwnPrefix, gates_.size()));
    ir::Rule rule{.protocol = service.protocol,
                  .target = ir::JumpTarget{chain},
                  .origin = context_.ruleset.add_origin(fmt::format("helper {}", helper))};
    if (service.match) rule.matches.push_back(*service.match);
    if (!rule.matches.empty())
      // A helper is attached when a connection is opened: later TCP packets need not go in.
      if (auto* tcp = std::get_if<ir::TcpMatch>(&rule.matches.front())) tcp->flags = ir::TcpFlags::syn();
    raw_.append(hook_chain(context_, raw_, hook), std::move(rule));
    entry->second = chain;
    return chain;
  }

  void emit(ir::Hook hook, std::vector<ir::Rule> ends, const ServiceCondition& service, const std::string& helper,
            ir::OriginId origin) {
    if (ends.empty()) return;
    const ir::ChainId chain = gate(hook, service, helper);
    for (ir::Rule& rule : ends) {
      rule.protocol = service.protocol;  // the CT target wants it (xt_CT.c, xt_ct_find_proto)
      rule.target = ir::CtHelperTarget{helper};
      rule.origin = origin;
      raw_.append(chain, std::move(rule));
    }
  }

  Context& context_;
  net::Family family_;
  ir::Table& raw_;
  std::map<Gate, ir::ChainId> gates_;
};

}  // namespace

void pass_helpers(Context& context) {
  HelperLowering helpers(context);
  for (const sema::Rule& rule : context.policy.rules) {
    if (rule.helper.empty() || !lets_through(*rule.source->action)) continue;
    helpers.rule(rule, origin_of(context, rule));
  }
}

}  // namespace vuurmuur::compile
