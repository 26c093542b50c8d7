// SPDX-License-Identifier: GPL-2.0-or-later
// The user's rules in table nat, which sees the first packet of a connection only. Source NAT of IPv6 is for unique
// local addresses (RFC 4193): all others are the network's own in the whole world.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compile/ends.h"
#include "compile/passes.h"
#include "compile/services.h"
#include "compile/verdicts.h"

namespace vuurmuur::compile {
namespace {

using model::Action;

const net::Prefix kUniqueLocal = *net::Prefix::parse("fc00::/7");

/// The first address of the rule's destination host in a family.
std::optional<net::Address> target_address(const sema::Rule& rule, net::Family family) {
  for (const sema::Peer& peer : rule.to.peers)
    for (const net::Prefix& prefix : peer.prefixes)
      if (prefix.family() == family) return prefix.address;
  return std::nullopt;
}

class NatLowering {
 public:
  NatLowering(Context& context, const sema::Rule& rule)
      : context_(context),
        rule_(rule),
        options_(rule.source->options),
        family_(context.family),
        origin_(origin_of(context, rule)),
        nat_(context.table(ir::TableName::Nat)) {}

  void run() {
    switch (*rule_.source->action) {
      case Action::Portfw: destination_nat(local_conditions(context_, rule_, family_)); break;
      case Action::Dnat: destination_nat(local_conditions(context_, rule_, family_)); break;
      case Action::Bounce: bounce(); break;
      case Action::Redirect: redirect(); break;
      case Action::Snat: source_nat(); break;
      case Action::Masq: source_nat(); break;
      default: break;
    }
    write();
  }

 private:
  struct Translation {
    ir::Hook hook;
    ir::Rule rule;  ///< without a target
    ir::Target target;
  };

  void append(ir::Hook hook, ir::Rule rule, ir::Target target) {
    rule.origin = origin_;
    translations_.push_back({.hook = hook, .rule = std::move(rule), .target = std::move(target)});
  }

  void put(ir::ChainId chain, const Translation& translation, ir::Target target) {
    ir::Rule rule = translation.rule;
    rule.target = std::move(target);
    nat_.append(chain, std::move(rule));
  }

  /// NAT alone is all that snat, masq and dnat do, so their log and limit act here; the others log when they accept.
  bool is_wrapped() const {
    const Action action = *rule_.source->action;
    return (action == Action::Snat || action == Action::Masq || action == Action::Dnat) &&
           (options_.log || options_.limit);
  }

  /// What rules whose target differs by interface or port have in common is a bucket: behind it they are asked again.
  ir::Target wrapper() {
    const bool is_one = std::ranges::all_of(
        translations_, [&](const Translation& each) { return each.target == translations_.front().target; });
    if (is_one) return with_log_and_limit(context_, nat_, rule_, origin_, translations_.front().target, true);
    const ir::ChainId chain = nat_.chain_named(fmt::format("{}R{}-NAT", ir::kOwnPrefix, rule_.source->number));
    for (const Translation& each : translations_) put(chain, each, each.target);
    return with_log_and_limit(context_, nat_, rule_, origin_, ir::GotoTarget{chain}, true);
  }

  void write() {
    if (translations_.empty()) return;
    std::optional<ir::Target> shared;
    if (is_wrapped()) shared = wrapper();
    for (const Translation& each : translations_)
      put(hook_chain(context_, nat_, each.hook), each, shared ? *shared : each.target);
  }

  bool random() const { return options_.random.has_value(); }

  void destination_nat(const std::vector<ir::Rule>& ends) {
    const auto address = target_address(rule_, family_);
    if (!address || ends.empty()) return;
    const auto emit = [&](const std::vector<ServiceCondition>& services, std::optional<net::PortRange> remote) {
      for (ir::Rule& rule : combine(ends, services))
        append(ir::Hook::Prerouting, std::move(rule), ir::DnatTarget{*address, remote, random()});
    };
    const auto remote = [&](std::size_t i) -> std::optional<net::PortRange> {
      if (!options_.remote_ports) return std::nullopt;
      const auto& ports = options_.remote_ports->value;
      return ports.size() == 1 ? ports[0] : ports[i];
    };
    if (!options_.listen_ports) {
      if (!options_.remote_ports) return emit(service_conditions(rule_, family_), std::nullopt);
      auto services = service_conditions(rule_, family_);
      std::erase_if(services, [](const ServiceCondition& service) {
        return !service.protocol || !net::has_ports(*service.protocol);
      });
      return emit(services, remote(0));
    }
    for (std::size_t i = 0; i < options_.listen_ports->value.size(); ++i) {
      const std::vector<net::PortRange> listen{options_.listen_ports->value[i]};
      emit(service_conditions(rule_, family_, &listen), remote(i));
    }
  }

  void bounce() {
    const sema::Interface& via = context_.policy.interface(*rule_.via_interface);
    if (!via.has(family_)) return;
    destination_nat(via_conditions(context_, rule_, family_, via));
    const auto& ports = options_.remote_ports ? options_.remote_ports : options_.listen_ports;
    for (const Leaving& leaving : postrouting_conditions(context_, rule_, family_))
      for (ir::Rule& rule :
           combine({leaving.rule}, service_conditions(rule_, family_, ports ? &ports->value : nullptr)))
        append(ir::Hook::Postrouting, std::move(rule), source_of(via));
  }

  void redirect() {
    const ir::RedirectTarget target{*options_.redirect_port.value(), random()};
    auto services = service_conditions(rule_, family_);
    std::erase_if(services, [](const ServiceCondition& service) {
      return !service.protocol || !net::has_ports(*service.protocol);
    });
    for (ir::Rule& rule : combine(prerouting_conditions(context_, rule_, family_), services))
      append(ir::Hook::Prerouting, std::move(rule), target);
  }

  /// SNAT to the interface's first address of the family; MASQUERADE finds out a dynamic one.
  ir::Target source_of(const sema::Interface& interface) const {
    for (const net::Address& address : interface.addresses)
      if (address.family == family_) return ir::SnatTarget{address, random()};
    return ir::MasqueradeTarget{random()};
  }

  void source_nat() {
    for (auto& [rule, by] : postrouting_conditions(context_, rule_, family_)) {
      if (family_ == net::Family::Ipv6) {
        if (!rule.source || rule.source->contains(kUniqueLocal))
          rule.source = kUniqueLocal;
        else if (!kUniqueLocal.contains(*rule.source))
          continue;
      }
      if (!by || !context_.policy.interface(*by).has(family_)) continue;
      const ir::Target target = *rule_.source->action == Action::Masq ? ir::Target{ir::MasqueradeTarget{random()}}
                                                                      : source_of(context_.policy.interface(*by));
      for (ir::Rule& each : combine({rule}, service_conditions(rule_, family_)))
        append(ir::Hook::Postrouting, std::move(each), target);
    }
  }

  Context& context_;
  const sema::Rule& rule_;
  const model::Options& options_;
  net::Family family_;
  ir::OriginId origin_;
  ir::Table& nat_;
  std::vector<Translation> translations_;
};

bool has_nat_part(Action action) {
  switch (action) {
    case Action::Portfw:
    case Action::Dnat:
    case Action::Bounce:
    case Action::Redirect:
    case Action::Snat:
    case Action::Masq: return true;
    default: return false;
  }
}

}  // namespace

void pass_nat_rules(Context& context) {
  for (const sema::Rule& rule : context.policy.rules)
    if (has_nat_part(*rule.source->action)) NatLowering(context, rule).run();
}

}  // namespace vuurmuur::compile
