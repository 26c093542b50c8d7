// SPDX-License-Identifier: GPL-2.0-or-later
#include "ir/prepared_rule.h"

#include <algorithm>

#include "base/assert.h"
#include "base/overloaded.h"

namespace vuurmuur::ir {
namespace {

/// The flags of the packet that opens a TCP connection.
constexpr std::uint8_t kOpeningFlags = TcpFlags::kSyn;

/// Takes a match over into the prepared rule; false when no first packet of a connection meets it.
bool take_over(const Match& match, const PreparedSets& sets, PreparedRule& rule) {
  return std::visit(base::Overloaded{
                        [&](const TcpMatch& tcp) {
                          rule.source_ports = tcp.source;
                          rule.destination_ports = tcp.destination;
                          return ((kOpeningFlags & tcp.flags.mask) == tcp.flags.wanted) != tcp.flags_inverted;
                        },
                        [&](const UdpMatch& udp) {
                          rule.source_ports = udp.source;
                          rule.destination_ports = udp.destination;
                          return true;
                        },
                        [&](const IcmpMatch& icmp) {
                          rule.icmp = icmp;
                          return true;
                        },
                        [&](const ConntrackMatch& state) { return (state.states & kCtNew) != 0; },
                        [&](const ConnmarkMatch& mark) {
                          rule.others.emplace_back(mark);
                          return true;
                        },
                        [&](const MarkMatch&) {
                          rule.is_uncertain = true;
                          return true;
                        },
                        [&](const ClusterMatch&) {
                          rule.is_uncertain = true;
                          return true;
                        },
                        [&](const LimitMatch&) {
                          rule.is_uncertain = true;
                          return true;
                        },
                        // "above": a connection that lives was under it.
                        [](const HashlimitMatch&) { return false; },
                        [&](const MacMatch&) {
                          rule.is_uncertain = true;
                          return true;
                        },
                        // Table raw only.
                        [](const RpfilterMatch&) { return false; },
                        // conntrack puts packets together before the filter sees them.
                        [](const FragmentHeaderMatch&) { return false; },
                        [&](const AddrtypeMatch& type) {
                          rule.others.emplace_back(type);
                          return true;
                        },
                        [&](const SetMatch& set) {
                          const auto place = sets.place_of.find(set.set);
                          VM_ASSERT(place != sets.place_of.end());
                          rule.others.emplace_back(SetQuestion{place->second, set.inverted});
                          return true;
                        },
                    },
                    match);
}

std::optional<Effect> effect_of(const Target& target) {
  using Kind = Effect::Kind;
  using Maybe = std::optional<Effect>;
  return std::visit(base::Overloaded{
                        [](const AcceptTarget&) -> Maybe { return Effect{.kind = Kind::Accept}; },
                        [](const DropTarget&) -> Maybe { return Effect{.kind = Kind::Drop}; },
                        [](const RejectTarget&) -> Maybe { return Effect{.kind = Kind::Reject}; },
                        [](const NfqueueTarget&) -> Maybe { return Effect{.kind = Kind::Queue}; },
                        [](const JumpTarget& to) -> Maybe {
                          return Effect{.kind = Kind::Jump, .chain = static_cast<std::uint32_t>(to.chain)};
                        },
                        [](const GotoTarget& to) -> Maybe {
                          return Effect{.kind = Kind::Goto, .chain = static_cast<std::uint32_t>(to.chain)};
                        },
                        [](const ConnmarkTarget& mark) -> Maybe {
                          return Effect{.kind = Kind::SetMark, .mark_value = mark.value, .mark_mask = mark.mask};
                        },
                        // Records, the packet's own mark, and what belongs to other tables: the packet goes on.
                        [](const auto&) -> Maybe { return std::nullopt; },
                    },
                    target);
}

Known answer(bool yes) { return yes ? Known::Yes : Known::No; }

Known turned(Known known) {
  switch (known) {
    case Known::No: return Known::Yes;
    case Known::Yes: return Known::No;
    case Known::Maybe: break;
  }
  return Known::Maybe;
}

Known mark_holds(const ConnmarkMatch& match, const MarkState& mark) {
  if (((mark.value ^ match.value) & match.mask & mark.known) != 0) return answer(match.inverted);
  if ((match.mask & ~mark.known) != 0) return Known::Maybe;
  return answer(!match.inverted);
}

Known address_type_holds(const AddrtypeMatch& match, const Opening& opening) {
  const OwnAddress& own = match.side == AddrtypeMatch::Side::Source ? opening.own_source : opening.own_destination;
  if (match.limit_iface_in) return own.of_in;
  if (match.limit_iface_out) return own.of_out;
  return own.any;
}

bool addresses_and_ports_hold(const PreparedRule& rule, const Packet& packet) {
  const TupleQuery& key = packet.key;
  if (rule.protocol && *rule.protocol != key.protocol) return false;
  if ((key.source & rule.source_mask) != rule.source) return false;
  if ((key.destination & rule.destination_mask) != rule.destination) return false;
  if (!rule.destination_ports.contains(key.destination_port)) return false;
  if (!rule.source_ports.contains(packet.opening.source_port)) return false;
  if (!rule.icmp) return true;
  return rule.icmp->type == packet.opening.icmp_type &&
         rule.icmp->code.value_or(packet.opening.icmp_code) == packet.opening.icmp_code;
}

}  // namespace

PreparedSets::PreparedSets(const Ruleset& ruleset) {
  for (const Set& set : ruleset.sets) {
    place_of.emplace(set.name, sets.size());
    sets.emplace_back(set);
  }
}

std::optional<PreparedRule> prepare(const Rule& rule, DeviceNames& devices, const PreparedSets& sets) {
  const auto effect = effect_of(rule.target);
  if (!effect || rule.fragment) return std::nullopt;
  PreparedRule prepared{.protocol = rule.protocol, .effect = *effect, .origin = rule.origin};
  for (const Match& match : rule.matches)
    if (!take_over(match, sets, prepared)) return std::nullopt;
  if (rule.source) {
    prepared.source = AddressBits::of(rule.source->address);
    prepared.source_mask = AddressBits::mask(rule.source->length);
  }
  if (rule.destination) {
    prepared.destination = AddressBits::of(rule.destination->address);
    prepared.destination_mask = AddressBits::mask(rule.destination->length);
  }
  prepared.in = devices.test(rule.in_interface);
  prepared.out = devices.test(rule.out_interface);
  return prepared;
}

Tuple tuple_of(const Rule& rule, const PreparedRule& prepared) {
  Tuple tuple{.source = rule.source, .destination = rule.destination, .protocol = rule.protocol};
  const net::PortRange ports = prepared.destination_ports;
  if (ports.first == ports.last && rule.protocol && net::has_ports(*rule.protocol))
    tuple.destination_port = ports.first;
  if (prepared.in.kind == DeviceTest::Kind::Exactly) tuple.in = prepared.in.number;
  if (prepared.out.kind == DeviceTest::Kind::Exactly) tuple.out = prepared.out.number;
  return tuple;
}

Known holds(const PreparedRule& rule, const Packet& packet, const MarkState& mark, const DeviceNames& devices,
            const PreparedSets& sets, OriginId& origin) {
  if (!addresses_and_ports_hold(rule, packet)) return Known::No;
  const Known in = devices.holds(rule.in, packet.opening.in), out = devices.holds(rule.out, packet.opening.out);
  if (in == Known::No || out == Known::No) return Known::No;
  bool is_certain = in == Known::Yes && out == Known::Yes && !rule.is_uncertain;
  for (const auto& other : rule.others) {
    const Known known =
        std::visit(base::Overloaded{
                       [&](const ConnmarkMatch& match) { return mark_holds(match, mark); },
                       [&](const AddrtypeMatch& match) { return address_type_holds(match, packet.opening); },
                       [&](const SetQuestion& question) {
                         const PreparedSet& set = sets.sets[question.set];
                         const auto element = set.find(packet.key);
                         if (element && set.is_counted()) origin = *element;
                         return question.inverted ? turned(answer(element.has_value())) : answer(element.has_value());
                       },
                   },
                   other);
    if (known == Known::No) return Known::No;
    if (known == Known::Maybe) is_certain = false;
  }
  return is_certain ? Known::Yes : Known::Maybe;
}

}  // namespace vuurmuur::ir
