// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/nearness.h"

#include <algorithm>

#include "analyse/policy_boxes.h"

namespace vuurmuur::analyse {
namespace {

using sema::End;

/// Field::Chain.
constexpr std::uint64_t kInput = 0, kForward = 1, kOutput = 2;

bool meet(const Interval& a, const Interval& b) { return a.first <= b.last && b.first <= a.last; }

bool holds(const Interval& interval, std::uint64_t value) { return meet(interval, Interval::one(value)); }

bool is_local(const End& end) { return end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny; }

/// Whether packets between such ends go through one of the chains (doc/semantics.md section 2).
bool is_in_chain(const End& from, const End& to, const Interval& chains) {
  const bool is_from_here = is_local(from), is_to_here = is_local(to);
  if (is_from_here) return !is_to_here && holds(chains, kOutput);
  if (is_to_here) return holds(chains, kInput);
  return holds(chains, kForward) || (to.kind == End::Kind::Any && holds(chains, kInput)) ||
         (from.kind == End::Kind::Any && holds(chains, kOutput));
}

/// Whether a box may have packets of a port set. ICMP types are not looked at: those of the families are not the same.
bool is_of(const model::PortSet& set, const Box& box) {
  const Interval& protocol = box[Field::Protocol];
  if (set.protocol == net::Protocol::Icmp || set.protocol == net::Protocol::Icmpv6)
    return holds(protocol, static_cast<std::uint64_t>(net::Protocol::Icmp)) ||
           holds(protocol, static_cast<std::uint64_t>(net::Protocol::Icmpv6));
  if (!holds(protocol, static_cast<std::uint64_t>(set.protocol))) return false;
  return !net::has_ports(set.protocol) ||
         (meet(box[Field::SourcePort], Interval::of(set.source.first, set.source.last)) &&
          meet(box[Field::DestinationPort], Interval::of(set.destination.first, set.destination.last)));
}

/// The addresses that a rule asks for at an end.
void read_addresses(const End& end, net::Family family, std::vector<Interval>& to) {
  to.clear();
  for (const sema::Peer& peer : end.peers)
    for (const net::Prefix& prefix : peer.prefixes)
      if (prefix.family() == family)
        to.push_back({.first = value_of(prefix.network().address), .last = value_of(prefix.last())});
}

bool has_one_in(const std::vector<Interval>& addresses, const Interval& interval) {
  return std::ranges::any_of(addresses, [&](const Interval& each) { return meet(each, interval); });
}

}  // namespace

Nearness::Nearness(std::span<const Box> boxes, net::Family family)
    : boxes_(boxes), family_(family), is_everything_(boxes.size() > kMost) {}

bool Nearness::has_address(const End& end, Field field) {
  if (is_everything_ || end.kind != End::Kind::Peers) return true;
  read_addresses(end, family_, sources_);
  return std::ranges::any_of(boxes_, [&](const Box& box) { return has_one_in(sources_, box[field]); });
}

bool Nearness::has_source(const End& end) { return has_address(end, Field::Source); }
bool Nearness::has_destination(const End& end) { return has_address(end, Field::Destination); }

bool Nearness::is_near(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  // What arrives by redirection or broadcast arrives elsewhere than the rule's ends and services say.
  if (is_everything_ || action == Redirect || rule.broadcast_service || rule.from.kind == End::Kind::Broadcast ||
      rule.to.kind == End::Kind::Broadcast)
    return true;
  if (rule.never) return false;
  const bool is_translated = action == Portfw || action == Bounce || action == Dnat;
  const bool has_sources = rule.from.kind == End::Kind::Peers, has_destinations = rule.to.kind == End::Kind::Peers;
  if (has_sources) read_addresses(rule.from, family_, sources_);
  if (has_destinations) read_addresses(rule.to, family_, destinations_);
  return std::ranges::any_of(boxes_, [&](const Box& box) {
    return (is_translated || is_in_chain(rule.from, rule.to, box[Field::Chain])) &&
           (!has_sources || has_one_in(sources_, box[Field::Source])) &&
           (!has_destinations || has_one_in(destinations_, box[Field::Destination])) &&
           (rule.any_service || is_translated ||
            std::ranges::any_of(rule.port_sets, [&](const model::PortSet& set) { return is_of(set, box); }));
  });
}

bool Nearness::is_near(const Box& box) const {
  return is_everything_ || std::ranges::any_of(boxes_, [&](const Box& other) { return overlap(other, box); });
}

}  // namespace vuurmuur::analyse
