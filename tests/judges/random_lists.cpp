// SPDX-License-Identifier: GPL-2.0-or-later
#include "random_lists.h"

#include <algorithm>
#include <array>
#include <string>

namespace vuurmuur::judges {
namespace {

using analyse::Field;
using model::Action;
using sema::End;

constexpr std::size_t kNetworks = 6;

template <class Choices>
const auto& one_of(const Choices& choices, std::mt19937& random) {
  return choices[random() % std::size(choices)];
}

/// Of each network one in each family, all of them in 10.0.0.0/8 and fd00::/16.
net::Address address_in(std::size_t network, net::Family family, std::mt19937& random) {
  net::Address address{.family = family};
  const bool is_ipv4 = family == net::Family::Ipv4;
  address.bytes[0] = is_ipv4 ? 10 : 0xfd;
  address.bytes[is_ipv4 ? 1 : 3] = static_cast<std::uint8_t>(network);
  // Few values, so that prefixes meet.
  for (std::size_t i = is_ipv4 ? 2 : 4; i < (is_ipv4 ? 4U : 16U); ++i)
    address.bytes[i] = static_cast<std::uint8_t>(random() % 3 << random() % 8);
  return address;
}

net::Prefix prefix_in(std::size_t network, net::Family family, std::mt19937& random) {
  constexpr std::array<std::uint8_t, 6> kLengths4{8, 16, 18, 24, 30, 32}, kLengths6{16, 32, 36, 64, 100, 128};
  const std::uint8_t length = one_of(family == net::Family::Ipv4 ? kLengths4 : kLengths6, random);
  return net::Prefix{.address = address_in(network, family, random), .length = length}.network();
}

sema::Peer peer(std::mt19937& random, bool is_zone) {
  const std::size_t network = random() % kNetworks;
  sema::Peer peer{.network = static_cast<sema::NetworkId>(network), .prefixes = {}, .mac = {}};
  const bool is_host = random() % 2 == 0;
  for (const net::Family family : net::kFamilies) {
    if (random() % 5 == 0) continue;
    net::Prefix prefix = prefix_in(network, family, random);
    if (is_zone) prefix.length = family == net::Family::Ipv4 ? (is_host ? 32 : 16) : (is_host ? 128 : 32);
    peer.prefixes.push_back(prefix.network());
  }
  if (random() % 12 == 0) peer.mac = net::MacAddress{.bytes = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(random() % 3)}};
  return peer;
}

End end(std::mt19937& random, bool is_zone) {
  End end;
  const auto kind = random() % 20;
  if (kind < 3) return end;
  if (kind < 5) {
    end.kind = kind == 3 ? End::Kind::Firewall : End::Kind::FirewallAny;
    return end;
  }
  end.kind = End::Kind::Peers;
  const auto count = kind < 17 ? 1 : 1 + random() % 3;
  for (unsigned i = 0; i < count; ++i) end.peers.push_back(peer(random, is_zone));
  return end;
}

net::PortRange range(std::mt19937& random) {
  constexpr std::array<std::uint16_t, 10> kEnds{0, 22, 80, 443, 1023, 1024, 8080, 32768, 40000, 65535};
  std::uint16_t first = one_of(kEnds, random), last = one_of(kEnds, random);
  if (first > last) std::swap(first, last);
  return {first, last};
}

model::PortSet service(std::mt19937& random, bool is_zone) {
  model::PortSet set;
  set.protocol = one_of(std::array{net::Protocol::Tcp, net::Protocol::Tcp, net::Protocol::Udp, net::Protocol::Icmp,
                                   net::Protocol::Icmpv6, net::Protocol::Gre},
                        random);
  if (net::has_ports(set.protocol)) {
    set.destination = is_zone ? net::PortRange::one(one_of(std::array<std::uint16_t, 5>{22, 53, 80, 443, 8080}, random))
                              : range(random);
    if (!is_zone && random() % 2 == 0) set.source = range(random);
  } else if (random() % 2 == 0) {
    set.icmp_type = static_cast<std::uint8_t>(random() % 4);
  }
  return set;
}

model::QueueRange one_queue(std::uint16_t queue) { return {queue, queue}; }

bool is_here(const End& end) { return end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny; }

Lines lines(std::size_t count, std::mt19937& random, bool is_zone) {
  Lines lines;
  while (lines.size() < count) {
    Line line{.action = one_of(
                  std::array{Action::Accept, Action::Accept, Action::Drop, Action::Reject, Action::Nfqueue}, random)};
    if (line.action == Action::Nfqueue) line.options.queue = one_queue(static_cast<std::uint16_t>(random() % 3));
    line.from = end(random, is_zone);
    line.to = end(random, is_zone);
    if (is_here(line.from) && is_here(line.to)) continue;
    if (random() % 8 != 0)
      for (auto services = 1 + random() % 2; services > 0; --services)
        line.port_sets.push_back(service(random, is_zone));
    lines.push_back(std::move(line));
  }
  return lines;
}

/// A rule as two that take what it does: its ports cut somewhere.
void cut_in_two(Lines& lines, std::size_t at, std::mt19937& random) {
  Line low = lines[at], high = lines[at];
  for (std::size_t i = 0; i < low.port_sets.size(); ++i) {
    net::PortRange &below = low.port_sets[i].destination, &above = high.port_sets[i].destination;
    if (!net::has_ports(low.port_sets[i].protocol) || below.first == below.last) continue;
    below.last = static_cast<std::uint16_t>(below.first + random() % (below.last - below.first));
    above.first = static_cast<std::uint16_t>(below.last + 1);
  }
  lines[at] = low;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), high);
}

}  // namespace

Lines tuple_lines(std::size_t count, std::mt19937& random) { return lines(count, random, /*is_zone=*/false); }
Lines zone_lines(std::size_t count, std::mt19937& random) { return lines(count, random, /*is_zone=*/true); }

Lines small_lines(std::size_t count, std::mt19937& random) {
  const auto any_end = [&] {
    End end;
    const auto kind = random() % 6;
    if (kind == 0) return end;
    end.kind = kind == 1 ? End::Kind::FirewallAny : End::Kind::Peers;
    if (end.kind != End::Kind::Peers) return end;
    const std::size_t network = random() % 2;
    net::Prefix prefix{.address = net::Address::ipv4(0x0a00'0000U + (static_cast<std::uint32_t>(network) << 16)),
                       .length = 16};
    if (random() % 2 == 0) prefix = {.address = net::Address::ipv4(prefix.address.to_ipv4() + 9), .length = 32};
    end.peers.push_back({.network = static_cast<sema::NetworkId>(network), .prefixes = {prefix}, .mac = {}});
    return end;
  };
  Lines lines;
  while (lines.size() < count) {
    Line line{.action = one_of(std::array{Action::Accept, Action::Accept, Action::Drop, Action::Reject, Action::Nfqueue,
                                          Action::Log},
                               random)};
    if (line.action == Action::Nfqueue) line.options.queue = one_queue(static_cast<std::uint16_t>(random() % 2));
    if (line.action == Action::Reject && random() % 2 == 0) line.options.reject_type = model::RejectType::TcpReset;
    if (line.action == Action::Log) {
      line.options.log_prefix = std::string(random() % 2 == 0 ? "a" : "b");
    } else if (random() % 8 == 0) {
      line.options.log = true;
    }
    line.from = any_end();
    line.to = any_end();
    if (is_here(line.from) && is_here(line.to)) continue;
    const auto service = random() % 4;
    model::PortSet set;
    set.protocol = service == 0 ? net::Protocol::Icmp : service == 1 ? net::Protocol::Udp : net::Protocol::Tcp;
    if (service == 1 || service == 2) set.destination = net::PortRange::one(80);
    if (random() % 3 != 0) line.port_sets = {set};
    lines.push_back(std::move(line));
  }
  return lines;
}

Lines edited(const Lines& lines, Lines strangers, std::mt19937& random) {
  Lines after = lines;
  const bool is_kept = random() % 3 == 0;  // as it is treated, or nearly so
  for (auto edits = random() % 5; edits > 0 && !after.empty(); --edits) {
    const std::size_t at = random() % after.size(), other = random() % after.size();
    const auto place = after.begin() + static_cast<std::ptrdiff_t>(at);
    switch (is_kept ? random() % 3 : random() % 8) {
      case 0: cut_in_two(after, at, random); break;
      case 1: {
        // A copy behind it gets nothing.
        const Line copy = after[std::min(at, other)];
        after.insert(after.begin() + static_cast<std::ptrdiff_t>(std::max(at, other)) + 1, copy);
        break;
      }
      case 2:
        if (at + 1 < after.size()) std::iter_swap(place, place + 1);
        break;
      case 3: after.erase(place); break;
      case 4:
        if (place->action == Action::Accept || place->action == Action::Drop)
          place->action = place->action == Action::Accept ? Action::Drop : Action::Accept;
        break;
      case 5: std::iter_swap(place, after.begin() + static_cast<std::ptrdiff_t>(other)); break;
      case 6: *place = strangers[random() % strangers.size()]; break;
      case 7: after.insert(place, strangers[random() % strangers.size()]); break;
    }
  }
  return after;
}

ListPolicy::ListPolicy(const Lines& lines) {
  settings_.log_policy = false;
  policy_.settings = &settings_;
  for (const char* device : {"lan0", "lan1", "dmz0", "ppp+"}) {
    sema::Interface interface {
      .name = device, .device = device, .addresses = {}, .protections = {}
    };
    const auto number = static_cast<std::uint8_t>(policy_.interfaces.size());
    interface.dynamic_ipv4 = interface.is_wildcard();
    if (!interface.is_wildcard()) {
      interface.addresses.push_back(net::Address::ipv4(0x0a00'0001U + (std::uint32_t{number} << 16)));
      net::Address ipv6{.family = net::Family::Ipv6};
      ipv6.bytes[0] = 0xfd;
      ipv6.bytes[3] = number;
      ipv6.bytes[15] = 1;
      interface.addresses.push_back(ipv6);
    }
    policy_.interfaces.push_back(std::move(interface));
  }
  for (std::size_t i = 0; i < kNetworks; ++i) {
    sema::Network network{.name = std::to_string(i), .prefixes = {}, .interfaces = {}, .spoof_protections = {}};
    network.interfaces.push_back(static_cast<sema::InterfaceId>(i % 4));
    if (i == 5) network.interfaces.push_back(static_cast<sema::InterfaceId>(3));
    policy_.networks.push_back(std::move(network));
  }
  for (const Line& line : lines) {
    model::Rule& source = sources_.emplace_back();
    source.action = line.action;
    source.number = static_cast<std::uint32_t>(sources_.size());
    source.options = line.options;
    sema::Rule rule;
    rule.source = &source;
    rule.from = line.from;
    rule.to = line.to;
    rule.any_service = line.port_sets.empty();
    rule.port_sets = line.port_sets;
    policy_.rules.push_back(std::move(rule));
  }
}

namespace {

constexpr std::array kRangeFields{Field::SourcePort, Field::DestinationPort, Field::Source, Field::Destination,
                                  Field::SourceMac};
/// Values above the low half of an address.
constexpr std::uint64_t kShift = UINT64_C(1) << 56;

}  // namespace

analyse::Box range_world() {
  analyse::Box world;
  for (analyse::Interval& interval : world.fields) interval = analyse::Interval::one(0);
  for (const Field field : kRangeFields) world[field] = analyse::Interval::of(0, 255);
  world[Field::Source] = analyse::Interval{};
  return world;
}

std::vector<analyse::Box> range_boxes(std::size_t count, std::mt19937& random) {
  const auto fields = 2 + random() % (kRangeFields.size() - 1), widest = 32 + random() % 224;
  std::vector<analyse::Box> boxes;
  while (boxes.size() < count) {
    analyse::Box& box = boxes.emplace_back(range_world());
    for (std::size_t i = 0; i < fields; ++i) {
      const std::uint64_t first = random() % 256, last = std::min<std::uint64_t>(255, first + random() % widest);
      analyse::Interval& interval = box[kRangeFields[i]];
      interval = analyse::Interval::of(first, last);
      if (kRangeFields[i] == Field::Source)
        interval = {.first = {.high = first * kShift, .low = 0},
                    .last = {.high = last * kShift + (kShift - 1), .low = UINT64_MAX}};
    }
  }
  return boxes;
}

}  // namespace vuurmuur::judges
