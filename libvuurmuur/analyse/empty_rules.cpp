// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/empty_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyse/policy_boxes.h"
#include "sema/names.h"

namespace vuurmuur::analyse {
namespace {

using sema::End;

/// In the order of net::kFamilies.
using Families = std::array<bool, 2>;

Families families_of(const End& end) {
  if (end.kind != End::Kind::Peers && end.kind != End::Kind::Broadcast) return {true, true};
  Families families{};
  for (const sema::Peer& peer : end.peers)
    for (const net::Prefix& prefix : peer.prefixes) families[static_cast<std::size_t>(prefix.family())] = true;
  return families;
}

bool is_none(const Families& families) { return !families[0] && !families[1]; }

std::string_view word(const Families& families) { return families[0] ? "IPv4" : "IPv6"; }

/// Whether an interface that narrows an end is none of it: sema::resolve() has told that.
bool is_mismatch(const sema::Policy& policy, const End& end, std::optional<sema::InterfaceId> only) {
  if (!only || end.kind == End::Kind::Any) return false;
  return std::ranges::none_of(end.peers, [&](const sema::Peer& peer) {
    const auto& interfaces = policy.network(peer.network).interfaces;
    return std::ranges::find(interfaces, *only) != interfaces.end();
  });
}

/// Whether any packet meets the conditions of a rule, whatever it does with it.
bool has_packets(const sema::Policy& policy, sema::Rule rule) {
  model::Rule accept;
  accept.action = model::Action::Accept;
  rule.source = &accept;
  return std::ranges::any_of(net::kFamilies, [&](net::Family family) {
    const RuleBoxes found = PolicyBoxes(policy, family).of(rule);
    return found.has_more || !found.boxes.empty();
  });
}

}  // namespace

std::string why_empty(const sema::Policy& policy, const sema::Rule& rule) {
  using model::Action;
  const model::Rule& written = *rule.source;
  if (rule.never || (!rule.any_service && rule.port_sets.empty())) return {};
  if (is_mismatch(policy, rule.from, rule.in_interface) || is_mismatch(policy, rule.to, rule.out_interface)) return {};
  const Families from = families_of(rule.from), to = families_of(rule.to);
  if (is_none(from) || is_none(to)) return {};
  const std::string from_name = to_string(*written.from), to_name = to_string(*written.to);
  if (is_none({from[0] && to[0], from[1] && to[1]}))
    return fmt::format("{} has only {} addresses, and {} only {}", sema::quoted(from_name), word(from),
                       sema::quoted(to_name), word(to));
  const Action action = *written.action;
  if (action == Action::Snat || action == Action::Masq)
    return from[0] && to[0] ? "no packet meets all of its conditions"
                            : "of IPv6 only unique local addresses (fc00::/7) are translated";
  if (action == Action::Bounce) return {};
  sema::Rule any_service = rule;
  any_service.any_service = true;
  any_service.port_sets.clear();
  if (has_packets(policy, any_service))
    return fmt::format("service {} is not of the family that both ends have", sema::quoted(*written.service));
  sema::Rule anywhere = any_service;
  for (End* end : {&anywhere.from, &anywhere.to})
    if (end->kind == End::Kind::Firewall) end->kind = End::Kind::FirewallAny;
  if ((rule.from.kind == End::Kind::Firewall || rule.to.kind == End::Kind::Firewall) && has_packets(policy, anywhere))
    return fmt::format("the firewall has no address of that family on the interfaces of {}",
                       sema::quoted(rule.from.kind == End::Kind::Firewall ? to_name : from_name));
  return "no packet meets all of its conditions";
}

}  // namespace vuurmuur::analyse
