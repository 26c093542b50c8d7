// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/filter_boxes.h"

#include <algorithm>

namespace vuurmuur::analyse {
namespace {

using model::Action;
using sema::End;

constexpr std::uint64_t kInput = 0, kForward = 1, kOutput = 2;

const model::Rule& accepting() {
  static const model::Rule rule = [] {
    model::Rule accept;
    accept.action = Action::Accept;
    return accept;
  }();
  return rule;
}

/// A rule that only asks about ends, as far as PolicyBoxes looks.
sema::Rule from_to(const End& from, const End& to) {
  sema::Rule rule;
  rule.source = &accepting();
  rule.from = from;
  rule.to = to;
  rule.any_service = true;
  return rule;
}

End some_end(End::Kind kind) { return {.kind = kind, .peers = {}}; }

bool is_local(const End& end) { return end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny; }

bool is_in_chain(const Box& box, std::uint64_t chain) { return box[Field::Chain] == Interval::one(chain); }

using Ports = std::optional<model::Located<std::vector<net::PortRange>>>;

std::vector<net::PortRange> ports_of(const Ports& option) {
  return option ? option->value : std::vector<net::PortRange>{};
}

/// The port sets of a rule with other destination ports; none: those it has.
std::vector<model::PortSet> with_ports(const std::vector<model::PortSet>& sets,
                                       const std::vector<net::PortRange>& instead) {
  if (instead.empty()) return sets;
  std::vector<model::PortSet> result;
  for (const model::PortSet& set : sets) {
    if (!net::has_ports(set.protocol)) {
      result.push_back(set);
      continue;
    }
    for (const net::PortRange& ports : instead) {
      result.push_back(set);
      result.back().destination = ports;
    }
  }
  return result;
}

void put_kind(const Box& kind, Box& box) {
  for (const Field field : {Field::Protocol, Field::SourcePort, Field::DestinationPort}) box[field] = kind[field];
}

/// The address of a rule's host.
struct Host {
  net::Address address;
  sema::NetworkId network;
};
std::optional<Host> host_of(const End& end, net::Family family) {
  for (const sema::Peer& peer : end.peers)
    for (const net::Prefix& prefix : peer.prefixes)
      if (prefix.family() == family) return Host{.address = prefix.address, .network = peer.network};
  return std::nullopt;
}

}  // namespace

std::optional<Box> common(const Box& a, const Box& b) {
  if (!overlap(a, b)) return std::nullopt;
  Box box;
  for (std::size_t f = 0; f < kFields; ++f)
    box.fields[f] = {.first = std::max(a.fields[f].first, b.fields[f].first),
                     .last = std::min(a.fields[f].last, b.fields[f].last)};
  return box;
}

bool subtract(const Box& box, std::size_t most, std::vector<Box>& from) {
  if (std::ranges::none_of(from, [&](const Box& piece) { return overlap(piece, box); })) return true;
  std::vector<Box> left;
  for (Box piece : from) {
    if (!overlap(piece, box)) {
      left.push_back(piece);
      continue;
    }
    for (std::size_t f = 0; f < kFields; ++f) {
      Interval& own = piece.fields[f];
      const Interval& other = box.fields[f];
      if (own.first < other.first) {
        left.push_back(piece);
        left.back().fields[f].last = other.first.before();
        own.first = other.first;
      }
      if (own.last > other.last) {
        left.push_back(piece);
        left.back().fields[f].first = other.last.next();
        own.last = other.last;
      }
    }
    if (left.size() > most) return false;
  }
  from = std::move(left);
  return true;
}

RuleBoxes FilterBoxes::taken_by(const sema::Rule& rule) const {
  switch (*rule.source->action) {
    case Action::Dnat:
    case Action::Snat:
    case Action::Masq:
    case Action::Separator: return {};
    case Action::Portfw:
    case Action::Redirect:
    case Action::Bounce: break;
    case Action::Accept:
    case Action::Drop:
    case Action::Reject:
    case Action::Log:
    case Action::Chain:
    case Action::Nfqueue:
    case Action::Nflog: return taken_as_asked(rule);
  }
  const model::Options& options = rule.source->options;
  sema::Rule asked = rule;
  asked.source = &accepting();
  if (*rule.source->action != Action::Redirect) {
    const auto remote = ports_of(options.remote_ports);
    asked.port_sets = with_ports(rule.port_sets, remote.empty() ? ports_of(options.listen_ports) : remote);
    RuleBoxes result = taken_as_asked(asked);
    std::erase_if(result.boxes, [](const Box& box) { return !is_in_chain(box, kForward); });
    return result;
  }
  asked.to = some_end(End::Kind::Firewall);
  asked.out_interface.reset();
  asked.port_sets = with_ports(rule.port_sets, {net::PortRange::one(options.redirect_port->value)});
  asked.broadcast_service = false;
  if (!has_unknown_devices()) return taken_as_asked(asked);
  // What arrives behind REDIRECT goes to whatever address the device has: of "lan+" only the moment tells which.
  RuleBoxes result;
  for (std::size_t i = 0; i < policy_.interfaces.size(); ++i) {
    const auto id = static_cast<sema::InterfaceId>(i);
    if (rule.in_interface && id != *rule.in_interface) continue;
    const bool is_unknown = is_unknown_device(id);
    asked.in_interface = id;
    asked.to = some_end(is_unknown ? End::Kind::FirewallAny : End::Kind::Firewall);
    RuleBoxes here = taken_as_asked(asked);
    result.has_more = result.has_more || here.has_more;
    for (Box& box : here.boxes) {
      if (is_unknown) box[Field::OwnAddress] = plain_.own_address_of(id);
      result.boxes.push_back(box);
    }
  }
  return result;
}

/// What a rule takes that translates nothing.
RuleBoxes FilterBoxes::taken_as_asked(const sema::Rule& rule) const {
  RuleBoxes result = plain_.of(rule);
  const bool is_broadcast = rule.to.kind == End::Kind::Broadcast || rule.from.kind == End::Kind::Broadcast;
  // PolicyBoxes says so for broadcasts too; what it gave no box at all for was too much.
  result.has_more = result.has_more && !is_broadcast && result.boxes.empty() && has_many(rule);
  if (family_ == net::Family::Ipv4 && (is_broadcast || rule.broadcast_service) && !rule.never)
    add_broadcasts(rule, result);
  return result;
}

/// Whether a rule without boxes has none because there are too many.
bool FilterBoxes::has_many(const sema::Rule& rule) const {
  if (!rule.any_service && rule.port_sets.empty()) return false;
  sema::Rule ends = from_to(rule.from, rule.to);
  ends.in_interface = rule.in_interface;
  ends.out_interface = rule.out_interface;
  const RuleBoxes found = plain_.of(ends);
  return found.has_more || !found.boxes.empty();
}

/// Whether an interface with configured addresses stands for several devices.
bool FilterBoxes::is_unknown_device(sema::InterfaceId id) const {
  const sema::Interface& interface = policy_.interface(id);
  return interface.is_wildcard() && std::ranges::any_of(interface.addresses, [&](const net::Address& address) {
           return address.family == family_;
         });
}

bool FilterBoxes::has_unknown_devices() const {
  for (std::size_t i = 0; i < policy_.interfaces.size(); ++i)
    if (is_unknown_device(static_cast<sema::InterfaceId>(i))) return true;
  return false;
}

/// Everything with the UDP ports that a rule speaks of.
std::vector<Box> FilterBoxes::udp_kinds(const sema::Rule& rule) const {
  constexpr auto kUdp = static_cast<std::uint64_t>(net::Protocol::Udp);
  std::vector<Box> kinds;
  if (rule.any_service) {
    kinds.push_back(plain_.everything());
    kinds.back()[Field::Protocol] = Interval::one(kUdp);
  }
  for (const model::PortSet& set : rule.port_sets) {
    if (set.protocol != net::Protocol::Udp) continue;
    Box kind = plain_.everything();
    kind[Field::Protocol] = Interval::one(kUdp);
    kind[Field::SourcePort] = Interval::of(set.source.first, set.source.last);
    kind[Field::DestinationPort] = Interval::of(set.destination.first, set.destination.last);
    kinds.push_back(kind);
  }
  return kinds;
}

std::vector<net::Prefix> FilterBoxes::broadcasts_of(sema::NetworkId network) const {
  std::vector<net::Prefix> all;
  for (const net::Prefix& prefix : policy_.network(network).prefixes)
    // RFC 3021: those of 31 and 32 bits have none.
    if (prefix.family() == net::Family::Ipv4 && !prefix.is_any() && prefix.length < 31)
      all.push_back(net::Prefix::host(prefix.last()));
  return all;
}

void FilterBoxes::add_broadcasts(const sema::Rule& rule, RuleBoxes& to) const {
  const std::vector<Box> kinds = udp_kinds(rule);
  if (kinds.empty()) return;
  if (rule.to.kind == End::Kind::Broadcast)
    add_broadcast_end(rule, kinds, to);
  else
    add_broadcast_service(rule, kinds, to);
}

/// TO network(broadcast).
void FilterBoxes::add_broadcast_end(const sema::Rule& rule, const std::vector<Box>& kinds, RuleBoxes& to) const {
  const auto add = [&](const Box& box, bool is_answer) {
    for (Box kind : kinds) {
      if (is_answer) std::swap(kind[Field::SourcePort], kind[Field::DestinationPort]);
      to.boxes.push_back(box);
      put_kind(kind, to.boxes.back());
    }
  };
  End networks{.kind = End::Kind::Peers, .peers = rule.to.peers}, broadcasts = networks;
  for (sema::Peer& peer : broadcasts.peers) peer.prefixes = broadcasts_of(peer.network);
  if (is_local(rule.from)) {
    sema::Rule sent = from_to(rule.from, broadcasts);
    sent.in_interface = rule.in_interface;
    sent.out_interface = rule.out_interface;
    for (const Box& box : plain_.of(sent).boxes) add(box, /*is_answer=*/false);
    for (const Box& box : plain_.of(from_to(networks, rule.from)).boxes) add(box, /*is_answer=*/true);
    return;
  }
  sema::Rule arriving = from_to(rule.from, some_end(End::Kind::FirewallAny));
  arriving.in_interface = rule.in_interface;
  arriving.out_interface = rule.out_interface;
  // Where the broadcasts of the networks are heard, whoever sends them.
  std::vector<Box> heard = plain_.of(from_to(some_end(End::Kind::Any), some_end(End::Kind::FirewallAny))).boxes;
  const Box anywhere = heard.empty() ? plain_.everything() : heard.front();
  for (const Box& box : plain_.of(arriving).boxes)
    for (const sema::Peer& peer : broadcasts.peers)
      for (const sema::InterfaceId id : policy_.network(peer.network).interfaces)
        for (const net::Prefix& broadcast : peer.prefixes) {
          Box there = anywhere;
          there[Field::In] = plain_.device_interval(policy_.interface(id).device);
          there[Field::Destination] = {.first = value_of(broadcast.address), .last = value_of(broadcast.address)};
          if (const auto both = common(box, there)) add(*both, /*is_answer=*/false);
        }
}

/// A service with BROADCAST="Yes".
void FilterBoxes::add_broadcast_service(const sema::Rule& rule, const std::vector<Box>& kinds, RuleBoxes& to) const {
  const net::Prefix everyone = net::Prefix::host(net::Address::ipv4(UINT32_MAX));
  const auto add = [&](const std::vector<Box>& boxes) {
    for (const Box& box : boxes)
      for (const Box& kind : kinds) {
        to.boxes.push_back(box);
        put_kind(kind, to.boxes.back());
      }
  };
  sema::Rule asked = from_to(rule.from, rule.to);
  asked.in_interface = rule.in_interface;
  asked.out_interface = rule.out_interface;
  if (rule.to.kind == End::Kind::Peers) {
    for (sema::Peer& peer : asked.to.peers) {
      peer.prefixes = broadcasts_of(peer.network);
      peer.prefixes.push_back(everyone);
    }
    // Only what this machine sends goes to everyone: nobody forwards it.
    std::vector<Box> boxes = plain_.of(asked).boxes;
    const Value last = value_of(everyone.address);
    std::erase_if(boxes, [&](const Box& box) {
      return is_in_chain(box, kForward) && box[Field::Destination] == Interval{.first = last, .last = last};
    });
    add(boxes);
  } else if (rule.to.kind == End::Kind::Firewall && rule.from.kind == End::Kind::Peers) {
    asked.to = some_end(End::Kind::FirewallAny);
    for (const sema::Peer& peer : rule.from.peers) {
      asked.from.peers = {peer};
      std::vector<net::Prefix> destinations = broadcasts_of(peer.network);
      destinations.push_back(everyone);
      for (const net::Prefix& destination : destinations) {
        std::vector<Box> boxes = plain_.of(asked).boxes;
        for (Box& box : boxes)
          box[Field::Destination] = {.first = value_of(destination.address), .last = value_of(destination.address)};
        add(boxes);
      }
    }
  }
}

std::vector<Redirection> FilterBoxes::redirected_by(const sema::Rule& rule) const {
  const Action action = *rule.source->action;
  const model::Options& options = rule.source->options;
  std::vector<Redirection> all;
  if (rule.never ||
      (action != Action::Redirect && action != Action::Portfw && action != Action::Dnat && action != Action::Bounce))
    return all;
  sema::Rule asked = from_to(rule.from, some_end(End::Kind::Firewall));
  asked.in_interface = rule.in_interface;
  asked.any_service = rule.any_service;
  if (action == Action::Redirect) {
    asked.to = rule.to.kind == End::Kind::Peers ? some_end(End::Kind::Any) : rule.to;
    asked.port_sets = rule.port_sets;
    std::vector<net::Prefix> to;
    for (const sema::Peer& peer : rule.to.peers)
      for (const net::Prefix& prefix : peer.prefixes)
        if (prefix.family() == family_) to.push_back(prefix);
    const net::PortRange port = net::PortRange::one(options.redirect_port->value);
    for (const Box& box : plain_.of(asked).boxes) {
      if (is_in_chain(box, kOutput)) continue;
      if (rule.to.kind != End::Kind::Peers) all.push_back({.box = box, .address = {}, .network = {}, .ports = port});
      for (const net::Prefix& prefix : to) {
        all.push_back({.box = box, .address = {}, .network = {}, .ports = port});
        all.back().box[Field::Destination] = {.first = value_of(prefix.network().address),
                                              .last = value_of(prefix.last())};
      }
    }
    return all;
  }
  const auto host = host_of(rule.to, family_);
  if (!host) return all;
  std::vector<Box> here;  // the destinations that a bounce rule is about
  if (action == Action::Bounce) {
    sema::Rule via = from_to(some_end(End::Kind::Any), asked.to);
    via.in_interface = rule.via_interface;
    here = plain_.of(via).boxes;
    if (here.empty()) return all;
    // The first address, whatever it comes in by; one that others give is known only there.
    here.resize(1);
    if (here.front()[Field::OwnAddress] == plain_.everything()[Field::OwnAddress])
      here.front()[Field::In] = plain_.everything()[Field::In];
    asked.to = some_end(End::Kind::FirewallAny);
  }
  const auto listen = ports_of(options.listen_ports), remote = ports_of(options.remote_ports);
  const auto add = [&](const std::vector<net::PortRange>& at, std::optional<net::PortRange> ports) {
    asked.port_sets = with_ports(rule.port_sets, at);
    for (const Box& box : plain_.of(asked).boxes) {
      const std::optional<Box> both = here.empty() ? std::optional(box) : common(box, here.front());
      if (both) all.push_back({.box = *both, .address = host->address, .network = host->network, .ports = ports});
    }
  };
  if (remote.size() <= 1) {
    add(listen, remote.empty() ? std::nullopt : std::optional(remote.front()));
  } else {
    for (std::size_t i = 0; i < listen.size() && i < remote.size(); ++i) add({listen[i]}, remote[i]);
  }
  return all;
}

std::vector<Box> FilterBoxes::redirected(const Box& box, const Redirection& to) const {
  constexpr auto kTcp = static_cast<std::uint64_t>(net::Protocol::Tcp),
                 kUdp = static_cast<std::uint64_t>(net::Protocol::Udp);
  std::vector<Box> result;
  Box there = box;
  const Interval& protocol = box[Field::Protocol];
  const bool has_ports = protocol == Interval::one(kTcp) || protocol == Interval::one(kUdp);
  if (to.ports && has_ports) there[Field::DestinationPort] = Interval::of(to.ports->first, to.ports->last);
  if (to.address) {
    there[Field::Chain] = Interval::one(kForward);
    there[Field::Destination] = {.first = value_of(*to.address), .last = value_of(*to.address)};
    there[Field::OwnAddress] = plain_.everything()[Field::OwnAddress];
    for (const sema::InterfaceId id : policy_.network(*to.network).interfaces) {
      result.push_back(there);
      result.back()[Field::Out] = plain_.device_interval(policy_.interface(id).device);
    }
    return result;
  }
  there[Field::Chain] = Interval::one(kInput);
  there[Field::Destination] = plain_.everything()[Field::Destination];
  there[Field::OwnAddress] = plain_.everything()[Field::OwnAddress];
  there[Field::Out] = plain_.everything()[Field::Out];
  // An own address of whatever it came in by, the first one of each interface.
  for (std::size_t i = 0; i < policy_.interfaces.size(); ++i) {
    const auto id = static_cast<sema::InterfaceId>(i);
    const bool is_unknown = is_unknown_device(id);
    sema::Rule own =
        from_to(some_end(End::Kind::Any), some_end(is_unknown ? End::Kind::FirewallAny : End::Kind::Firewall));
    own.in_interface = id;
    std::vector<Box> addresses = plain_.of(own).boxes;
    if (addresses.empty()) continue;
    if (is_unknown) addresses.front()[Field::OwnAddress] = plain_.own_address_of(id);
    if (const auto both = common(there, addresses.front())) result.push_back(*both);
  }
  return result;
}

std::vector<Box> FilterBoxes::masked_by(const sema::Rule& rule) const {
  const Action action = *rule.source->action;
  if (rule.never || (action != Action::Snat && action != Action::Masq && action != Action::Bounce)) return {};
  const model::Options& options = rule.source->options;
  sema::Rule asked = from_to(some_end(End::Kind::Any), rule.to);
  asked.out_interface = rule.out_interface;
  asked.any_service = rule.any_service;
  const auto remote = ports_of(options.remote_ports);
  asked.port_sets = action == Action::Bounce
                        ? with_ports(rule.port_sets, remote.empty() ? ports_of(options.listen_ports) : remote)
                        : rule.port_sets;
  std::vector<net::Prefix> sources;
  for (const sema::Peer& peer : rule.from.peers)
    for (const net::Prefix& prefix : peer.prefixes)
      if (prefix.family() == family_) sources.push_back(prefix);
  if (rule.from.kind == End::Kind::Any) sources.push_back({.address = {.family = family_}, .length = 0});
  std::ranges::sort(sources);
  sources.erase(std::ranges::unique(sources).begin(), sources.end());
  // RFC 4193: only unique local addresses need it in IPv6.
  Box needed = plain_.everything();
  if (family_ == net::Family::Ipv6 && action != Action::Bounce)
    needed[Field::Source] = {.first = {.high = 0xfc00'0000'0000'0000, .low = 0},
                             .last = {.high = 0xfdff'ffff'ffff'ffff, .low = UINT64_MAX}};
  std::vector<Box> boxes;
  for (const Box& box : plain_.of(asked).boxes) {
    if (is_in_chain(box, kInput)) continue;
    for (const net::Prefix& source : sources) {
      Box from = box;
      from[Field::Source] = {.first = value_of(source.network().address), .last = value_of(source.last())};
      if (const auto both = common(from, needed)) boxes.push_back(*both);
    }
  }
  return boxes;
}

}  // namespace vuurmuur::analyse
