// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/policy_boxes.h"

#include <algorithm>
#include <array>
#include <optional>

#include "analyse/device_names.h"

namespace vuurmuur::analyse {
namespace {

using sema::End;

enum Chain : std::uint8_t { kInput, kForward, kOutput };

/// The first name behind all that have a beginning.
std::string behind_all(std::string beginning) {
  if (!beginning.empty()) ++beginning.back();
  return beginning;
}

bool is_local(const End& end) { return end.kind == End::Kind::Firewall || end.kind == End::Kind::FirewallAny; }

Interval interval_of(const net::Prefix& prefix) {
  return {.first = value_of(prefix.network().address), .last = value_of(prefix.last())};
}

std::uint64_t number_of(const net::MacAddress& mac) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : mac.bytes) number = number << 8 | byte;
  return number;
}

/// The ICMPv6 types that stand for one of ICMP (doc/semantics.md section 4).
struct Counterpart {
  std::uint8_t icmp, icmpv6;
  bool keeps_code;
};
constexpr std::array kCounterparts{Counterpart{0, 129, false}, Counterpart{3, 1, false}, Counterpart{8, 128, true},
                                   Counterpart{11, 3, true}, Counterpart{12, 4, false}};

}  // namespace

bool takes_all(const sema::Rule& rule) {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  const auto& limit = rule.source->options.limit;
  return (action == Accept || action == Drop || action == Reject || action == Nfqueue || action == Nflog) &&
         !(limit && limit->value.count != 0);
}

Value value_of(const net::Address& address) {
  if (address.family == net::Family::Ipv4) return {.low = address.to_ipv4()};
  Value value;
  for (std::size_t i = 0; i < 8; ++i) {
    value.high = value.high << 8 | address.bytes[i];
    value.low = value.low << 8 | address.bytes[i + 8];
  }
  return value;
}

net::Address address_of(const Value& value, net::Family family) {
  if (family == net::Family::Ipv4) return net::Address::ipv4(static_cast<std::uint32_t>(value.low));
  net::Address address{.family = family};
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[i] = static_cast<std::uint8_t>(value.high >> (56 - 8 * i));
    address.bytes[i + 8] = static_cast<std::uint8_t>(value.low >> (56 - 8 * i));
  }
  return address;
}

/// One way to meet an end that is not this machine.
struct PolicyBoxes::Side {
  std::optional<sema::InterfaceId> interface {};
  std::optional<net::Prefix> prefix{};
  std::optional<net::MacAddress> mac{};
};

PolicyBoxes::PolicyBoxes(const sema::Policy& policy, net::Family family, const sema::Policy& other)
    : policy_(policy), family_(family) {
  for (const sema::Policy* each : {&policy, &other})
    for (const sema::Interface& interface : each->interfaces) {
      if (interface.is_wildcard()) {
        const std::string beginning = interface.device.substr(0, interface.device.size() - 1);
        names_.push_back(beginning);
        names_.push_back(behind_all(beginning));
      } else {
        names_.push_back(interface.device);
      }
      if (interface.is_dynamic(family) || interface.is_wildcard()) dynamic_.try_emplace(interface.device, 0);
    }
  for (std::uint64_t number = 0; auto& [device, its_number] : dynamic_) its_number = ++number;
  std::ranges::sort(names_);
  names_.erase(std::ranges::unique(names_).begin(), names_.end());
  constexpr std::uint64_t kLastMac = 0xffff'ffff'ffff;
  everything_[Field::Chain] = Interval::of(kInput, kOutput);
  everything_[Field::In] = everything_[Field::Out] = Interval::of(0, 2 * names_.size());
  everything_[Field::Protocol] = Interval::of(0, 255);
  everything_[Field::SourcePort] = everything_[Field::DestinationPort] = Interval::of(0, 65535);
  if (family == net::Family::Ipv4)
    everything_[Field::Source] = everything_[Field::Destination] = Interval::of(0, UINT32_MAX);
  everything_[Field::SourceMac] = Interval::of(0, kLastMac);
  everything_[Field::OwnAddress] = Interval::of(0, dynamic_.size());
  devices_.reserve(policy.interfaces.size());
  for (const sema::Interface& interface : policy.interfaces) devices_.push_back(device_interval(interface.device));
}

/// A name in names_ has an odd number, and the names between two of them the even one in between.
Interval PolicyBoxes::device_interval(const std::string& device) const {
  const auto place = [this](const std::string& name) {
    return static_cast<std::uint64_t>(std::ranges::lower_bound(names_, name) - names_.begin());
  };
  if (!device.ends_with('+'))
    return Interval::one(2 * place(device) + (std::ranges::binary_search(names_, device) ? 1 : 0));
  const std::string beginning = device.substr(0, device.size() - 1);
  if (beginning.empty()) return everything_[Field::In];
  return Interval::of(2 * place(beginning) + 1, 2 * place(behind_all(beginning)));
}

Interval PolicyBoxes::names(const Interval& devices) const {
  const auto name = [this](std::uint64_t number) { return names_of_devices(names_[number / 2], false).first; };
  const std::uint64_t first = devices.first.low, last = devices.last.low;
  return {.first = first % 2 == 1 ? name(first)
                   : first == 0   ? Value{}
                                  : name(first - 2).next(),
          .last = last % 2 == 1               ? name(last)
                  : last == 2 * names_.size() ? kLastValue
                                              : name(last).before()};
}

std::string PolicyBoxes::device(const Value& value) const {
  const auto at = static_cast<std::size_t>(value.low / 2);
  if (value.low % 2 == 1) return names_[at];
  return (at == 0 ? std::string() : names_[at - 1]) + '!';
}

std::string PolicyBoxes::own_address_device(const Value& value) const {
  const auto found = std::ranges::find(dynamic_, value.low, [](const auto& entry) { return entry.second; });
  return found == dynamic_.end() ? std::string() : found->first;
}

std::string PolicyBoxes::known_device(const Value& value) const {
  for (const sema::Interface& interface : policy_.interfaces) {
    const Interval devices = device_interval(interface.device);
    if (value < devices.first || devices.last < value) continue;
    if (!interface.is_wildcard()) return interface.device;
    const std::string beginning = interface.device.substr(0, interface.device.size() - 1);
    for (const char digit : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'})
      if (device_interval(beginning + digit) == Interval::one(value.low)) return beginning + digit;
    return device(value);
  }
  return {};
}

std::vector<PolicyBoxes::Side> PolicyBoxes::sides(const End& end, std::optional<sema::InterfaceId> only,
                                                  bool each_interface) const {
  std::vector<Side> all;
  if (end.kind == End::Kind::Peers) {
    for (const sema::Peer& peer : end.peers)
      for (const sema::InterfaceId id : policy_.network(peer.network).interfaces)
        for (const net::Prefix& prefix : peer.prefixes)
          if (prefix.family() == family_ && (!only || id == *only))
            all.push_back({.interface = id, .prefix = prefix, .mac = peer.mac});
  } else if (!each_interface) {
    all.push_back({.interface = only});
  } else {
    for (std::size_t i = 0; i < policy_.interfaces.size(); ++i)
      if (const auto id = static_cast<sema::InterfaceId>(i); !only || id == *only) all.push_back({.interface = id});
  }
  return all;
}

/// For each address that this machine has on an interface, the box with that address on a side.
void PolicyBoxes::add_own_addresses(const Box& box, sema::InterfaceId id, Field side, std::vector<Box>& boxes) const {
  const sema::Interface& interface = policy_.interface(id);
  for (const net::Address& address : interface.addresses) {
    if (address.family != family_) continue;
    boxes.push_back(box);
    boxes.back()[side] = {.first = value_of(address), .last = value_of(address)};
  }
  if (!interface.is_dynamic(family_)) return;
  boxes.push_back(box);
  boxes.back()[Field::OwnAddress] = own_address_of(id);
}

void PolicyBoxes::add_input(const sema::Rule& rule, std::vector<Box>& boxes) const {
  if (rule.out_interface) return;
  const bool asks_address = rule.to.kind == End::Kind::Firewall;
  for (const Side& side : sides(rule.from, rule.in_interface, asks_address)) {
    Box box = everything_;
    box[Field::Chain] = Interval::one(kInput);
    if (side.interface) box[Field::In] = devices(*side.interface);
    if (side.prefix) box[Field::Source] = interval_of(*side.prefix);
    if (side.mac) box[Field::SourceMac] = Interval::one(number_of(*side.mac));
    if (asks_address)
      add_own_addresses(box, *side.interface, Field::Destination, boxes);
    else
      boxes.push_back(box);
  }
}

void PolicyBoxes::add_forward(const sema::Rule& rule, std::vector<Box>& boxes) const {
  const auto destinations = sides(rule.to, rule.out_interface, /*each_interface=*/false);
  for (const Side& source : sides(rule.from, rule.in_interface, /*each_interface=*/false)) {
    Box box = everything_;
    box[Field::Chain] = Interval::one(kForward);
    if (source.interface) box[Field::In] = devices(*source.interface);
    if (source.prefix) box[Field::Source] = interval_of(*source.prefix);
    if (source.mac) box[Field::SourceMac] = Interval::one(number_of(*source.mac));
    for (const Side& destination : destinations) {
      boxes.push_back(box);
      if (destination.interface) boxes.back()[Field::Out] = devices(*destination.interface);
      if (destination.prefix) boxes.back()[Field::Destination] = interval_of(*destination.prefix);
      if (boxes.size() > kMostBoxes) return;
    }
  }
}

void PolicyBoxes::add_output(const sema::Rule& rule, std::vector<Box>& boxes) const {
  if (rule.in_interface) return;
  const bool asks_address = rule.from.kind == End::Kind::Firewall;
  for (const Side& side : sides(rule.to, rule.out_interface, asks_address)) {
    Box box = everything_;
    box[Field::Chain] = Interval::one(kOutput);
    if (side.interface) box[Field::Out] = devices(*side.interface);
    if (side.prefix) box[Field::Destination] = interval_of(*side.prefix);
    if (asks_address)
      add_own_addresses(box, *side.interface, Field::Source, boxes);
    else
      boxes.push_back(box);
  }
}

/// The chains of doc/semantics.md section 2.
std::vector<Box> PolicyBoxes::ends(const sema::Rule& rule) const {
  std::vector<Box> boxes;
  const bool from_here = is_local(rule.from), to_here = is_local(rule.to);
  const bool from_any = rule.from.kind == End::Kind::Any, to_any = rule.to.kind == End::Kind::Any;
  if (!from_here && (to_here || to_any)) add_input(rule, boxes);
  if (!from_here && !to_here) add_forward(rule, boxes);
  if (!to_here && (from_here || from_any)) add_output(rule, boxes);
  return boxes;
}

/// What a service asks for.
struct PolicyBoxes::Kind {
  Interval protocol, source_port, destination_port;
};

namespace {

template <class Kind>
void add_icmp(const model::PortSet& set, net::Family family, const Kind& any, std::vector<Kind>& kinds) {
  const bool is_v6_set = set.protocol == net::Protocol::Icmpv6;
  const auto add = [&](net::Protocol protocol, std::optional<std::uint8_t> type, std::optional<std::uint8_t> code) {
    Kind kind = any;
    kind.protocol = Interval::one(static_cast<std::uint8_t>(protocol));
    if (type) kind.source_port = Interval::one(*type);
    if (code) kind.destination_port = Interval::one(*code);
    kinds.push_back(kind);
  };
  if (family == net::Family::Ipv4) {
    if (!is_v6_set) add(net::Protocol::Icmp, set.icmp_type, set.icmp_type ? set.icmp_code : std::nullopt);
    return;
  }
  if (is_v6_set) return add(net::Protocol::Icmpv6, set.icmp_type, set.icmp_type ? set.icmp_code : std::nullopt);
  for (const Counterpart& row : kCounterparts)
    if (!set.icmp_type || *set.icmp_type == row.icmp)
      add(net::Protocol::Icmpv6, row.icmpv6, set.icmp_type && row.keeps_code ? set.icmp_code : std::nullopt);
}

}  // namespace

std::vector<PolicyBoxes::Kind> PolicyBoxes::services(const sema::Rule& rule) const {
  const Kind any{.protocol = everything_[Field::Protocol],
                 .source_port = everything_[Field::SourcePort],
                 .destination_port = everything_[Field::DestinationPort]};
  if (rule.any_service) return {any};
  std::vector<Kind> kinds;
  kinds.reserve(rule.port_sets.size());
  for (const model::PortSet& set : rule.port_sets) {
    if (set.protocol == net::Protocol::Icmp || set.protocol == net::Protocol::Icmpv6) {
      add_icmp(set, family_, any, kinds);
      continue;
    }
    Kind kind = any;
    kind.protocol = Interval::one(static_cast<std::uint8_t>(set.protocol));
    if (net::has_ports(set.protocol)) {
      kind.source_port = Interval::of(set.source.first, set.source.last);
      kind.destination_port = Interval::of(set.destination.first, set.destination.last);
    }
    kinds.push_back(kind);
  }
  return kinds;
}

RuleBoxes PolicyBoxes::of(const sema::Rule& rule) const {
  using enum model::Action;
  RuleBoxes result;
  const model::Action action = *rule.source->action;
  result.is_translation =
      action == Portfw || action == Dnat || action == Redirect || action == Bounce || action == Snat || action == Masq;
  if (result.is_translation || rule.never) return result;
  const bool is_broadcast = rule.to.kind == End::Kind::Broadcast || rule.from.kind == End::Kind::Broadcast;
  result.has_more = is_broadcast || (rule.broadcast_service && family_ == net::Family::Ipv4);
  if (is_broadcast) return result;
  std::vector<Box> ways = ends(rule);
  const std::vector<Kind> kinds = services(rule);
  if (ways.size() * kinds.size() > kMostBoxes) {
    result.has_more = true;
    return result;
  }
  const auto put = [](const Kind& kind, Box& box) {
    box[Field::Protocol] = kind.protocol;
    box[Field::SourcePort] = kind.source_port;
    box[Field::DestinationPort] = kind.destination_port;
  };
  if (kinds.size() == 1) {
    for (Box& way : ways) put(kinds.front(), way);
    result.boxes = std::move(ways);
    return result;
  }
  result.boxes.reserve(ways.size() * kinds.size());
  for (const Box& way : ways)
    for (const Kind& kind : kinds) {
      result.boxes.push_back(way);
      put(kind, result.boxes.back());
    }
  return result;
}

std::vector<Box> PolicyBoxes::around(const sema::Rule& rule) const {
  using enum model::Action;
  const model::Action action = *rule.source->action;
  if (rule.never || action == Snat || action == Masq || action == Dnat) return {};
  Box around = everything_;
  if (action == Redirect) {
    around[Field::Chain] = Interval::one(kInput);
    return {around};
  }
  if (action == Portfw || action == Bounce) {
    std::vector<Box> boxes;
    add_forward(rule, boxes);
    if (boxes.size() <= kMostBoxes) return boxes;
    around[Field::Chain] = Interval::one(kForward);
    return {around};
  }
  RuleBoxes exact = of(rule);
  if (!exact.has_more) return exact.boxes;
  if (rule.to.kind == End::Kind::Broadcast || rule.from.kind == End::Kind::Broadcast || rule.broadcast_service) {
    // Beside what the boxes say it takes UDP alone.
    around[Field::Protocol] = Interval::one(static_cast<std::uint8_t>(net::Protocol::Udp));
    // None of them: that may be because there were too many.
    if (!exact.boxes.empty() || rule.to.kind == End::Kind::Broadcast || rule.from.kind == End::Kind::Broadcast) {
      exact.boxes.push_back(around);
      return exact.boxes;
    }
  }
  return {everything_};
}

}  // namespace vuurmuur::analyse
