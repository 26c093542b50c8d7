// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/ends.h"

#include <algorithm>

namespace vuurmuur::compile {
namespace {

using sema::End;

/// One way to meet an end of a rule that is not this machine.
struct Side {
  std::optional<sema::InterfaceId> interface;  ///< nothing: any interface
  std::optional<net::Prefix> prefix;           ///< nothing: any address
  std::optional<net::MacAddress> mac;
};

bool is_local(const End& end) { return end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny; }
bool is_outside(const End& end) { return end.kind == End::Kind::Any || end.kind == End::Kind::Peers; }

std::optional<net::Prefix> condition_of(const net::Prefix& prefix) {
  if (prefix.is_any()) return std::nullopt;
  return prefix.network();
}

void append_peer_sides(const sema::Policy& policy, const sema::Peer& peer, net::Family family,
                       std::optional<sema::InterfaceId> only, std::vector<Side>& sides) {
  for (const sema::InterfaceId id : policy.network(peer.network).interfaces) {
    if (only && id != *only) continue;
    for (const net::Prefix& prefix : peer.prefixes)
      if (prefix.family() == family) sides.push_back({id, condition_of(prefix), peer.mac});
  }
}

std::vector<Side> peer_sides(const sema::Policy& policy, const sema::Peer& peer, net::Family family,
                             std::optional<sema::InterfaceId> only) {
  std::vector<Side> sides;
  append_peer_sides(policy, peer, family, only, sides);
  return sides;
}

/// The sides of an end in a family. `only` is the interface that in_int or out_int names. With `each_interface`, "any"
/// is every active interface by itself (for conditions on that interface's own address).
std::vector<Side> sides_of(const sema::Policy& policy, const End& end, net::Family family,
                           std::optional<sema::InterfaceId> only, bool each_interface = false) {
  std::vector<Side> sides;
  if (end.kind == End::Kind::Peers) {
    for (const sema::Peer& peer : end.peers) append_peer_sides(policy, peer, family, only, sides);
  } else if (!each_interface) {
    sides.push_back({only, {}, {}});
  } else {
    for (std::size_t i = 0; i < policy.interfaces.size(); ++i) {
      const auto id = static_cast<sema::InterfaceId>(i);
      if (!only || id == *only) sides.push_back({id, {}, {}});
    }
  }
  return sides;
}

/// Sets an interface condition of a rule.
void set_device(const sema::Policy& policy, const Side& side, std::string& condition) {
  if (side.interface)
    condition = policy.interface(*side.interface).device;
  else
    condition.clear();
}

/// A rule with the conditions of a source that comes in by an interface.
ir::Rule from_side(const sema::Policy& policy, const Side& side) {
  ir::Rule rule{.source = side.prefix};
  set_device(policy, side, rule.in_interface);
  if (side.mac) rule.matches.push_back(ir::MacMatch{*side.mac});
  return rule;
}

void to_side(const sema::Policy& policy, const Side& side, ir::Rule& rule) {
  set_device(policy, side, rule.out_interface);
  rule.destination = side.prefix;
}

/// Adds, for every address that an interface has in a family, the rule with that address as its destination (or
/// source).
void append_own_addresses(const sema::Interface& interface, net::Family family, ir::AddrtypeMatch::Side which,
                          const ir::Rule& rule, std::vector<ir::Rule>& rules) {
  const bool is_source = which == ir::AddrtypeMatch::Side::Source;
  for (const net::Address& address : interface.addresses) {
    if (address.family != family) continue;
    ir::Rule with = rule;
    (is_source ? with.source : with.destination) = net::Prefix::host(address);
    rules.push_back(std::move(with));
  }
  if (!interface.is_dynamic(family)) return;
  ir::Rule with = rule;
  with.matches.push_back(ir::AddrtypeMatch{which, /*limit_iface_in=*/!is_source, /*limit_iface_out=*/is_source});
  rules.push_back(std::move(with));
}

std::vector<ir::Rule> forward_conditions(const sema::Policy& policy, const sema::Rule& rule, net::Family family) {
  std::vector<ir::Rule> rules;
  const auto sources = sides_of(policy, rule.from, family, rule.in_interface);
  const auto destinations = sides_of(policy, rule.to, family, rule.out_interface);
  rules.reserve(sources.size() * destinations.size());
  for (const Side& source : sources) {
    for (const Side& destination : destinations) {
      rules.push_back(from_side(policy, source));
      to_side(policy, destination, rules.back());
    }
  }
  return rules;
}

std::vector<ir::Rule> input_conditions(const Context& context, const sema::Rule& rule, net::Family family) {
  if (rule.out_interface) return {};
  if (rule.to.kind == End::Kind::Firewall) return local_conditions(context, rule, family);
  std::vector<ir::Rule> rules;
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface))
    rules.push_back(from_side(context.policy, source));
  return rules;
}

std::vector<ir::Rule> output_conditions(const sema::Policy& policy, const sema::Rule& rule, net::Family family) {
  if (rule.in_interface) return {};
  const bool own_address = rule.from.kind == End::Kind::Firewall;
  std::vector<ir::Rule> rules;
  for (const Side& destination : sides_of(policy, rule.to, family, rule.out_interface, own_address)) {
    ir::Rule condition;
    to_side(policy, destination, condition);
    if (own_address)
      append_own_addresses(policy.interface(*destination.interface), family, ir::AddrtypeMatch::Side::Source, condition,
                           rules);
    else
      rules.push_back(std::move(condition));
  }
  return rules;
}

/// The IPv4 broadcast addresses of a network (RFC 919); prefixes of 31 and 32 bits have none (RFC 3021).
std::vector<net::Prefix> broadcast_addresses(const sema::Network& network) {
  std::vector<net::Prefix> addresses;
  for (const net::Prefix& prefix : network.prefixes)
    if (prefix.family() == net::Family::Ipv4 && prefix.length > 0 && prefix.length < 31)
      addresses.push_back(net::Prefix::host(prefix.last()));
  return addresses;
}

net::Prefix limited_broadcast() { return net::Prefix::host(net::Address::ipv4(0xffffffff)); }

/// Rules towards the broadcast addresses of the destination's networks.
void append_outgoing_broadcasts(const Context& context, const sema::Rule& rule, ir::Hook hook,
                                std::vector<ir::Rule>& rules) {
  const sema::Policy& policy = context.policy;
  const bool own_address = rule.from.kind == End::Kind::Firewall;
  const auto sources = sides_of(policy, rule.from, net::Family::Ipv4, rule.in_interface);
  for (const sema::Peer& peer : rule.to.peers) {
    const sema::Network& network = policy.network(peer.network);
    auto addresses = broadcast_addresses(network);
    if (hook == ir::Hook::Output && rule.to.kind != End::Kind::Broadcast) addresses.push_back(limited_broadcast());
    for (const sema::InterfaceId id : network.interfaces) {
      const sema::Interface& interface = policy.interface(id);
      for (const net::Prefix& address : addresses) {
        if (hook == ir::Hook::Output) {
          if (rule.in_interface || (rule.out_interface && *rule.out_interface != id)) continue;
          const ir::Rule condition{.out_interface = interface.device, .destination = address};
          if (own_address)
            append_own_addresses(interface, net::Family::Ipv4, ir::AddrtypeMatch::Side::Source, condition, rules);
          else
            rules.push_back(condition);
          continue;
        }
        for (const Side& source : sources) {
          ir::Rule condition = from_side(policy, source);
          condition.destination = address;
          if (hook == ir::Hook::Forward) {
            if (rule.out_interface && *rule.out_interface != id) continue;
            condition.out_interface = interface.device;
          } else {
            // Delivered here: it has to come in from that very network.
            if (rule.out_interface || (source.interface && *source.interface != id)) continue;
            if (rule.in_interface && *rule.in_interface != id) continue;
            condition.in_interface = interface.device;
          }
          rules.push_back(std::move(condition));
        }
      }
    }
  }
}

/// Rules towards the broadcast addresses of the networks that the source is in, for a rule to the firewall.
void append_incoming_broadcasts(const Context& context, const sema::Rule& rule, std::vector<ir::Rule>& rules) {
  const sema::Policy& policy = context.policy;
  if (rule.out_interface) return;
  for (const sema::Peer& peer : rule.from.peers) {
    auto addresses = broadcast_addresses(policy.network(peer.network));
    addresses.push_back(limited_broadcast());
    for (const Side& source : peer_sides(policy, peer, net::Family::Ipv4, rule.in_interface)) {
      for (const net::Prefix& address : addresses) {
        rules.push_back(from_side(policy, source));
        rules.back().destination = address;
      }
    }
  }
}

}  // namespace

std::vector<ir::Hook> hooks_of(const sema::Rule& rule) {
  std::vector<ir::Hook> hooks;
  const bool to_outside = is_outside(rule.to) || rule.to.kind == End::Kind::Broadcast;
  const bool to_here = rule.to.kind == End::Kind::Any || is_local(rule.to) || rule.to.kind == End::Kind::Broadcast;
  const bool from_here = rule.from.kind == End::Kind::Any || is_local(rule.from);
  if (is_outside(rule.from) && to_here) hooks.push_back(ir::Hook::Input);
  if (is_outside(rule.from) && to_outside) hooks.push_back(ir::Hook::Forward);
  if (from_here && to_outside) hooks.push_back(ir::Hook::Output);
  return hooks;
}

std::vector<ir::Rule> end_conditions(const Context& context, const sema::Rule& rule, net::Family family,
                                     ir::Hook hook) {
  if (rule.never || rule.to.kind == End::Kind::Broadcast) return {};
  switch (hook) {
    case ir::Hook::Input: return input_conditions(context, rule, family);
    case ir::Hook::Forward: return forward_conditions(context.policy, rule, family);
    case ir::Hook::Output: return output_conditions(context.policy, rule, family);
    default: return {};
  }
}

std::vector<ir::Rule> local_conditions(const Context& context, const sema::Rule& rule, net::Family family) {
  std::vector<ir::Rule> rules;
  if (rule.never) return rules;
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface, /*each_interface=*/true))
    append_own_addresses(context.policy.interface(*source.interface), family, ir::AddrtypeMatch::Side::Destination,
                         from_side(context.policy, source), rules);
  return rules;
}

std::vector<ir::Rule> redirected_conditions(const Context& context, const sema::Rule& rule, net::Family family) {
  std::vector<ir::Rule> rules;
  if (rule.never) return rules;
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface, /*each_interface=*/true)) {
    const sema::Interface& interface = context.policy.interface(*source.interface);
    if (!interface.has(family)) continue;
    if (interface.device.ends_with('+')) {
      rules.push_back(from_side(context.policy, source));
      rules.back().matches.push_back(
          ir::AddrtypeMatch{ir::AddrtypeMatch::Side::Destination, /*limit_iface_in=*/true, /*limit_iface_out=*/false});
    } else {
      append_own_addresses(interface, family, ir::AddrtypeMatch::Side::Destination, from_side(context.policy, source),
                           rules);
    }
  }
  return rules;
}

std::vector<ir::Rule> via_conditions(const Context& context, const sema::Rule& rule, net::Family family,
                                     const sema::Interface& via) {
  std::vector<ir::Rule> rules;
  if (rule.never) return rules;
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface))
    append_own_addresses(via, family, ir::AddrtypeMatch::Side::Destination, from_side(context.policy, source), rules);
  // Which addresses a dynamic interface has is known only for packets that come in by it: others are not bounced.
  std::erase_if(rules, [&](const ir::Rule& condition) {
    const auto is_dynamic = [](const ir::Match& match) { return std::holds_alternative<ir::AddrtypeMatch>(match); };
    return condition.in_interface != via.device && std::ranges::any_of(condition.matches, is_dynamic);
  });
  return rules;
}

std::vector<ir::Rule> prerouting_conditions(const Context& context, const sema::Rule& rule, net::Family family) {
  if (rule.never) return {};
  if (rule.to.kind == End::Kind::Firewall) return local_conditions(context, rule, family);
  std::vector<ir::Rule> rules;
  const auto destinations = sides_of(context.policy, rule.to, family, rule.out_interface);
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface)) {
    for (const Side& destination : destinations) {
      rules.push_back(from_side(context.policy, source));
      rules.back().destination = destination.prefix;
    }
  }
  return rules;
}

std::vector<Leaving> postrouting_conditions(const Context& context, const sema::Rule& rule, net::Family family) {
  std::vector<Leaving> rules;
  if (rule.never) return rules;
  const auto destinations = sides_of(context.policy, rule.to, family, rule.out_interface);
  for (const Side& source : sides_of(context.policy, rule.from, family, rule.in_interface)) {
    for (const Side& destination : destinations) {
      rules.push_back({.rule = ir::Rule{.source = source.prefix}, .by = destination.interface});
      to_side(context.policy, destination, rules.back().rule);
    }
  }
  return rules;
}

std::vector<ir::Rule> broadcast_conditions(const Context& context, const sema::Rule& rule, ir::Hook hook) {
  std::vector<ir::Rule> rules;
  if (rule.never) return rules;
  if (rule.to.kind == End::Kind::Broadcast || (rule.broadcast_service && rule.to.kind == End::Kind::Peers)) {
    if (rule.to.kind == End::Kind::Broadcast || hook != ir::Hook::Input)
      append_outgoing_broadcasts(context, rule, hook, rules);
  } else if (rule.broadcast_service && rule.to.kind == End::Kind::Firewall && hook == ir::Hook::Input) {
    append_incoming_broadcasts(context, rule, rules);
  }
  return rules;
}

std::vector<ir::Rule> broadcast_answers(const Context& context, const sema::Rule& rule) {
  std::vector<ir::Rule> rules;
  if (rule.never || rule.in_interface || rule.to.kind != End::Kind::Broadcast || !is_local(rule.from)) return rules;
  for (const sema::Peer& peer : rule.to.peers) {
    for (const Side& side : peer_sides(context.policy, peer, net::Family::Ipv4, rule.out_interface)) {
      const ir::Rule condition = from_side(context.policy, side);
      if (rule.from.kind == End::Kind::FirewallAny)
        rules.push_back(condition);
      else
        append_own_addresses(context.policy.interface(*side.interface), net::Family::Ipv4,
                             ir::AddrtypeMatch::Side::Destination, condition, rules);
    }
  }
  return rules;
}

}  // namespace vuurmuur::compile
