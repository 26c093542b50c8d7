// SPDX-License-Identifier: GPL-2.0-or-later
// The user's rules in table filter: each becomes, for every family and chain it concerns, one rule for each way its
// ends and its service can be met. They stand in the chains for new connections, so none of them tests the state.
#include <fmt/format.h>

#include "compile/ends.h"
#include "compile/passes.h"
#include "compile/queue_target.h"
#include "compile/services.h"
#include "compile/verdicts.h"

namespace vuurmuur::compile {
namespace {

using model::Action;

ir::Rule set_field(const Context& context, ir::MarkField field, ir::OriginId origin) {
  return ir::Rule{.target = ir::ConnmarkTarget{context.layout.encode(field), context.layout.mask()},
                  .origin = origin,
                  .commented = false};
}

/// The chain that decides for a new connection and remembers it: sets the field, then goes where later packets go. The
/// rule that leads there counts for its origin; with a queue of its own for each of 65,536 rules, comments on these two
/// as well would be a third of all bytes that the kernel gets.
ir::ChainId decision_chain(Context& context, ir::Table& filter, std::string_view name, ir::MarkField field,
                           ir::Target target, std::string_view label) {
  if (const auto made = filter.find(name)) return *made;
  const ir::ChainId chain = filter.chain_named(name);
  const auto origin = context.ruleset.add_origin(std::string(label));
  filter.chain(chain).rules.reserve(2);
  filter.append(chain, set_field(context, field, origin));
  filter.append(chain, ir::Rule{.target = std::move(target), .origin = origin, .commented = false});
  return chain;
}

ir::Target accept_target(Context& context, ir::Table& filter, const model::Options& options) {
  if (!options.nfmark) return ir::AcceptTarget{};
  const model::PacketMark mark = options.nfmark->value;
  const std::uint16_t number = ir::packet_mark_number(mark.value, mark.mask);
  const ir::ChainId marked = filter.chain_named(fmt::format("VRMR-M{}", number));
  return ir::GotoTarget{decision_chain(context, filter, fmt::format("VRMR-NEWM{}", number),
                                       {ir::MarkKind::Marked, number}, ir::GotoTarget{marked},
                                       fmt::format("new connection with packet mark {:#x}", mark.value))};
}

ir::Target reject_target(Context& context, ir::Table& filter, const model::Options& options) {
  using With = ir::RejectTarget::With;
  const auto type = options.reject_type ? options.reject_type->value : model::RejectType::PortUnreachable;
  if (type != model::RejectType::TcpReset) return ir::RejectTarget{static_cast<With>(type)};
  // A reset answers TCP only; whatever else the rule takes is told that the port cannot be reached.
  if (const auto made = filter.find("VRMR-TCPRESET")) return ir::GotoTarget{*made};
  const ir::ChainId chain = filter.chain_named("VRMR-TCPRESET");
  const auto origin = context.ruleset.add_origin("reject with tcp-reset");
  filter.append(chain,
                ir::Rule{.protocol = net::Protocol::Tcp, .target = ir::RejectTarget{With::TcpReset}, .origin = origin});
  filter.append(chain, ir::Rule{.target = ir::RejectTarget{With::PortUnreachable}, .origin = origin});
  return ir::GotoTarget{chain};
}

static_assert(static_cast<int>(model::RejectType::TcpReset) == static_cast<int>(ir::RejectTarget::With::TcpReset));
static_assert(static_cast<int>(model::RejectType::HostProhibited) ==
              static_cast<int>(ir::RejectTarget::With::HostProhibited));

ir::Target new_queued_target(Context& context, ir::Table& filter, const model::Options& options) {
  const model::QueueRange range = options.queue ? options.queue->value : model::QueueRange{};
  ir::Target queue = queue_target(
      context, filter, {range.first, range.last, options.queue_bypass.has_value(), options.queue_fanout.has_value()});
  if (options.nfmark) queue = ir::GotoTarget{filter.chain_named(fmt::format("VRMR-Q{}", range.first))};
  return ir::GotoTarget{decision_chain(context, filter, fmt::format("VRMR-NEWQ{}", range.first),
                                       {ir::MarkKind::Queued, range.first}, std::move(queue),
                                       fmt::format("new connection to queue {}", range.first))};
}

ir::Target log_group_target(Context& context, ir::Table& filter, const model::Options& options) {
  const std::uint16_t group = options.log_group ? options.log_group->value : std::uint16_t{0};
  const ir::ChainId logged = filter.chain_named(fmt::format("VRMR-G{}", group));
  return ir::GotoTarget{decision_chain(context, filter, fmt::format("VRMR-NEWG{}", group),
                                       {ir::MarkKind::Logged, group}, ir::GotoTarget{logged},
                                       fmt::format("new connection to log group {}", group))};
}

ir::Target verdict_of(Context& context, ir::Table& filter, const sema::Rule& rule) {
  const model::Options& options = rule.source->options;
  switch (*rule.source->action) {
    case Action::Drop: return ir::DropTarget{};
    case Action::Reject: return reject_target(context, filter, options);
    case Action::Log: return ir::NflogTarget{context.settings().log_group, log_prefix(*rule.source)};
    case Action::Chain: return ir::JumpTarget{filter.chain_named(options.chain->value, ir::ChainKind::Foreign)};
    case Action::Nfqueue: return new_queued_target(context, filter, options);
    case Action::Nflog: return log_group_target(context, filter, options);
    default: return accept_target(context, filter, options);
  }
}

/// A log rule logs, at most so often; its own limit comes on top.
ir::Target log_action_target(Context& context, ir::Table& filter, const sema::Rule& rule, ir::OriginId origin,
                             ir::Target log) {
  const model::Options& options = rule.source->options;
  if (!options.log_limit || options.log_limit->value == 0)
    return with_log_and_limit(context, filter, rule, origin, std::move(log), false);
  const std::uint32_t rate = options.log_limit->value;
  const ir::ChainId chain = filter.chain_named(fmt::format("{}R{}-LOG", ir::kOwnPrefix, rule.source->number));
  filter.append(chain, ir::Rule{.matches = {ir::LimitMatch{rate, ir::LimitMatch::Unit::Second, log_burst(rate)}},
                                .target = std::move(log),
                                .origin = origin});
  return with_log_and_limit(context, filter, rule, origin, ir::JumpTarget{chain}, false);
}

/// The conditions under which a rule gives its verdict in a chain.
std::vector<ir::Rule> conditions(const Context& context, const sema::Rule& rule, net::Family family, ir::Hook hook) {
  const model::Options& options = rule.source->options;
  switch (*rule.source->action) {
    case Action::Portfw:
    case Action::Bounce: {
      // Destination NAT came first: the packet goes to the host and to the port it has there.
      if (hook != ir::Hook::Forward) return {};
      const auto& ports = options.remote_ports ? options.remote_ports : options.listen_ports;
      return combine(end_conditions(context, rule, family, hook),
                     service_conditions(rule, family, ports ? &ports->value : nullptr));
    }
    case Action::Redirect: {
      if (hook != ir::Hook::Input) return {};
      const std::vector<net::PortRange> port{net::PortRange::one(*options.redirect_port.value())};
      return combine(redirected_conditions(context, rule, family), service_conditions(rule, family, &port));
    }
    default: return combine(end_conditions(context, rule, family, hook), service_conditions(rule, family));
  }
}

std::vector<ServiceCondition> udp_only(std::vector<ServiceCondition> services, bool any_service) {
  if (any_service) return {{net::Protocol::Udp, {}}};
  std::erase_if(services, [](const ServiceCondition& service) { return service.protocol != net::Protocol::Udp; });
  return services;
}

std::vector<ServiceCondition> turned_round(std::vector<ServiceCondition> services) {
  for (ServiceCondition& service : services)
    if (service.match)
      if (auto* udp = std::get_if<ir::UdpMatch>(&*service.match)) std::swap(udp->source, udp->destination);
  return services;
}

bool has_filter_part(Action action) {
  return action != Action::Snat && action != Action::Masq && action != Action::Dnat;
}

/// Under which conditions a rule gives its verdict, in all chains.
LoweredRule all_conditions(const Context& context, const sema::Rule& rule) {
  const net::Family family = context.family;
  const Action action = *rule.source->action;
  LoweredRule lowered;
  const auto add = [&lowered](ir::Hook hook, std::vector<ir::Rule> rules) {
    if (!rules.empty()) lowered.push_back({.hook = hook, .rules = std::move(rules)});
  };
  // Redirected traffic arrives here, whatever the rule's TO is.
  const std::vector<ir::Hook> hooks = action == Action::Redirect ? std::vector{ir::Hook::Input} : hooks_of(rule);
  for (const ir::Hook hook : hooks) {
    add(hook, conditions(context, rule, family, hook));
    if (family == net::Family::Ipv4 && action != Action::Redirect)
      if (auto ends = broadcast_conditions(context, rule, hook); !ends.empty())
        add(hook, combine(std::move(ends), udp_only(service_conditions(rule, family), rule.any_service)));
  }
  if (family == net::Family::Ipv4 && action == Action::Accept)
    if (auto ends = broadcast_answers(context, rule); !ends.empty())
      add(ir::Hook::Input,
          combine(std::move(ends), turned_round(udp_only(service_conditions(rule, family), rule.any_service))));
  return lowered;
}

/// The same, from what is kept when it is there.
LoweredRule kept_conditions(const Context& context, std::size_t place) {
  const sema::Rule& rule = context.policy.rules[place];
  if (context.kept == nullptr) return all_conditions(context, rule);
  std::optional<LoweredRule>& kept = context.kept->rules[place];
  if (!kept) {
    kept = all_conditions(context, rule);
    ++context.kept->count;
  }
  return *kept;
}

void lower(Context& context, std::size_t place) {
  const sema::Rule& rule = context.policy.rules[place];
  const ir::OriginId origin = origin_of(context, rule);
  ir::Table& filter = context.table(ir::TableName::Filter);
  const Action action = *rule.source->action;
  std::optional<ir::Target> target;
  for (ChainConditions& in_chain : kept_conditions(context, place)) {
    std::optional<ir::ChainId> chain;
    for (ir::Rule& each : in_chain.rules) {
      if (!target) {
        ir::Target verdict = verdict_of(context, filter, rule);
        target = action == Action::Log
                     ? log_action_target(context, filter, rule, origin, std::move(verdict))
                     : with_log_and_limit(context, filter, rule, origin, std::move(verdict), action != Action::Chain);
      }
      each.target = *target;
      each.origin = origin;
      if (!chain) chain = rules_chain(filter, in_chain.hook);
      filter.append(*chain, std::move(each));
    }
  }
}

}  // namespace

void pass_filter_rules(Context& context) {
  for (std::size_t place = 0; place < context.policy.rules.size(); ++place)
    if (has_filter_part(*context.policy.rules[place].source->action)) lower(context, place);
}

}  // namespace vuurmuur::compile
