// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/traffic_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "net/ports.h"

namespace vuurmuur::analyse {
namespace {

constexpr std::array<const char*, 3> kChains{"input", "forward", "output"};
constexpr std::uint64_t kInput = 0, kOutput = 2;

bool is_one(const Interval& interval) { return interval.first == interval.last; }

bool is_icmp(const Interval& protocol) {
  return is_one(protocol) && (protocol.first.low == static_cast<std::uint64_t>(net::Protocol::Icmp) ||
                              protocol.first.low == static_cast<std::uint64_t>(net::Protocol::Icmpv6));
}

/// The prefix that an interval of addresses is; nothing when it is none.
std::optional<net::Prefix> prefix_of(const Interval& interval, net::Family family) {
  const unsigned width = family == net::Family::Ipv4 ? 32 : 128;
  const std::uint64_t high = interval.first.high ^ interval.last.high, low = interval.first.low ^ interval.last.low;
  // The bits that differ are the last ones, all 0 at the beginning and all 1 at the end.
  const bool is_high = high != 0;
  const std::uint64_t top = is_high ? high : low;
  if ((top & (top + 1)) != 0 || (is_high && low != UINT64_MAX)) return std::nullopt;
  if ((interval.first.high & high) != 0 || (interval.first.low & low) != 0) return std::nullopt;
  const unsigned free = static_cast<unsigned>(std::popcount(top)) + (is_high ? 64 : 0);
  return net::Prefix{address_of(interval.first, family), static_cast<std::uint8_t>(width - free)};
}

std::string text_of_addresses(const Interval& interval, net::Family family) {
  const std::string first = address_of(interval.first, family).to_string();
  if (is_one(interval)) return first;
  if (const auto prefix = prefix_of(interval, family)) return prefix->to_string();
  return first + "-" + address_of(interval.last, family).to_string();
}

std::string text_of_mac(std::uint64_t mac) {
  std::vector<std::string> bytes;
  for (int shift = 40; shift >= 0; shift -= 8) bytes.push_back(fmt::format("{:02x}", mac >> shift & 0xff));
  return fmt::format("{}", fmt::join(bytes, ":"));
}

std::string text_of_protocol(std::uint64_t protocol) { return net::to_string(static_cast<net::Protocol>(protocol)); }

std::string text_of_ports(const Interval& ports) {
  return is_one(ports) ? fmt::format("{}", ports.first.low) : fmt::format("{}:{}", ports.first.low, ports.last.low);
}

/// "http (tcp 80)", "udp 53", "tcp from 1024:65535 to 80", "icmp 8/0", "any service".
std::string text_of_service(const TrafficWords& words, bool has_types) {
  if (words.protocol.empty()) return "any service";
  std::string text = words.protocol;
  if (text.front() >= '0' && text.front() <= '9')
    text = (text.find('-') == std::string::npos ? "protocol " : "protocols ") + text;
  if (has_types) {
    if (!words.source_ports.empty()) text += " " + words.source_ports;
    if (!words.destination_ports.empty()) text += "/" + words.destination_ports;
  } else if (!words.source_ports.empty()) {
    text += " from " + words.source_ports;
    if (!words.destination_ports.empty()) text += " to " + words.destination_ports;
  } else if (!words.destination_ports.empty()) {
    text += " " + words.destination_ports;
  }
  return words.service.empty() ? text : fmt::format("{} ({})", words.service, text);
}

std::string text_of_end(const std::string& address, const std::string& name) {
  if (address.empty()) return "any";
  return name.empty() ? address : fmt::format("{} ({})", address, name);
}

std::string with_port(const net::Address& address, std::uint64_t port) {
  const bool is_v6 = address.family == net::Family::Ipv6;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.to_string(), is_v6 ? "]" : "", port);
}

}  // namespace

TrafficNames::TrafficNames(const NamedPolicy& before, const NamedPolicy& after)
    : ipv4_(before.policy, net::Family::Ipv4, after.policy),
      ipv6_(before.policy, net::Family::Ipv6, after.policy),
      index_{names::Index::build(after.model, after.policy), names::Index::build(before.model, before.policy)} {
  for (const NamedPolicy* each : {&after, &before}) {
    for (const sema::Network& network : each->policy.networks)
      for (const net::Prefix& prefix : network.prefixes) networks_.try_emplace(prefix.network(), network.name);
    for (const sema::Interface& interface : each->policy.interfaces)
      if (interface.is_wildcard()) wildcards_.push_back(interface.device);
  }
}

/// Odd numbers are names, even ones all that is between two names (PolicyBoxes::device).
std::vector<std::string> TrafficNames::devices(const Interval& interval, const PolicyBoxes& boxes) const {
  if (interval == boxes.everything()[Field::In]) return {};
  for (const std::string& wildcard : wildcards_)
    if (interval == boxes.device_interval(wildcard)) return {wildcard};
  std::vector<std::string> names;
  for (std::uint64_t value = interval.first.low | 1; value <= interval.last.low; value += 2)
    names.push_back(boxes.device({.low = value}));
  if (interval.last.low > interval.first.low || interval.first.low % 2 == 0) names.emplace_back("others");
  return names;
}

/// Of the host or network that an interval of addresses is, or the network that it is in.
std::string TrafficNames::name_of(const Interval& interval, net::Family family) const {
  const net::Address first = address_of(interval.first, family), last = address_of(interval.last, family);
  for (const names::Index& index : index_) {
    const auto name = is_one(interval) ? index.address(first) : std::nullopt;
    if (name) return std::string(*name);
  }
  if (const auto prefix = prefix_of(interval, family); prefix && !is_one(interval))
    if (const auto network = networks_.find(*prefix); network != networks_.end()) return network->second;
  const std::pair<const net::Prefix, std::string>* narrowest = nullptr;
  for (const auto& network : networks_)
    if (!network.first.is_any() && network.first.contains(first) && network.first.contains(last) &&
        (narrowest == nullptr || network.first.length > narrowest->first.length))
      narrowest = &network;
  return narrowest == nullptr ? std::string() : fmt::format("in {}", narrowest->second);
}

TrafficWords TrafficNames::words(const Traffic& traffic) const {
  const Box& box = traffic.box;
  const PolicyBoxes& numbers = boxes(traffic.family);
  const Box everything = numbers.everything();
  const auto is_any = [&](Field field) { return box[field] == everything[field]; };
  TrafficWords words;
  if (is_one(box[Field::Chain])) words.chain = kChains[box[Field::Chain].first.low];
  words.in = devices(box[Field::In], numbers);
  words.out = devices(box[Field::Out], numbers);
  if (!is_any(Field::Source)) words.source = text_of_addresses(box[Field::Source], traffic.family);
  if (!is_any(Field::Destination)) words.destination = text_of_addresses(box[Field::Destination], traffic.family);
  if (!words.source.empty()) words.source_name = name_of(box[Field::Source], traffic.family);
  if (!words.destination.empty()) words.destination_name = name_of(box[Field::Destination], traffic.family);
  const Interval& protocol = box[Field::Protocol];
  if (!is_any(Field::Protocol))
    words.protocol = is_one(protocol) ? text_of_protocol(protocol.first.low)
                                      : fmt::format("{}-{}", protocol.first.low, protocol.last.low);
  if (!is_any(Field::SourcePort)) words.source_ports = text_of_ports(box[Field::SourcePort]);
  if (!is_any(Field::DestinationPort)) words.destination_ports = text_of_ports(box[Field::DestinationPort]);
  // A name only where the box is a service of its own, and not a part of one.
  const bool is_told = is_icmp(protocol)
                           ? is_one(box[Field::SourcePort])
                           : is_one(protocol) && (is_one(box[Field::DestinationPort]) ||
                                                  !net::has_ports(static_cast<net::Protocol>(protocol.first.low)));
  for (const names::Index& index : index_) {
    if (!is_told) break;
    constexpr std::uint16_t kFromClients = 40'000;
    const std::uint16_t source =
        is_any(Field::SourcePort) ? kFromClients : static_cast<std::uint16_t>(box[Field::SourcePort].first.low);
    const auto name = index.service(static_cast<net::Protocol>(protocol.first.low), source,
                                    static_cast<std::uint16_t>(box[Field::DestinationPort].first.low));
    if (!name) continue;
    words.service = *name;
    break;
  }
  if (!is_any(Field::SourceMac))
    words.mac = is_one(box[Field::SourceMac]) ? text_of_mac(box[Field::SourceMac].first.low) : std::string();
  if (is_one(box[Field::OwnAddress])) words.own_address_of = numbers.own_address_device(box[Field::OwnAddress].first);
  return words;
}

std::string TrafficNames::text(const Traffic& traffic) const {
  const TrafficWords words = this->words(traffic);
  std::string text = words.chain.empty() ? "any chain" : words.chain;
  if (!words.in.empty()) text += fmt::format(", in {}", fmt::join(words.in, " or "));
  if (!words.out.empty()) text += fmt::format(", out {}", fmt::join(words.out, " or "));
  std::string from = text_of_end(words.source, words.source_name),
              to = text_of_end(words.destination, words.destination_name);
  // Of both families at once there is no box; an end that is any is so in one.
  if (traffic.family == net::Family::Ipv6)
    for (std::string* end : {&from, &to})
      if (*end == "any") *end = "any IPv6";
  if (!words.own_address_of.empty())
    (words.chain == kChains[kOutput] ? from : to) = fmt::format("the address of {}", words.own_address_of);
  text += fmt::format(", from {} to {}, {}", from, to, text_of_service(words, is_icmp(traffic.box[Field::Protocol])));
  if (!words.mac.empty()) text += ", MAC address " + words.mac;
  return text;
}

std::string TrafficNames::packet(const Witness& witness) const {
  const PolicyBoxes& numbers = boxes(witness.family);
  const auto at = [&](Field field) { return witness.point[static_cast<std::size_t>(field)]; };
  const std::uint64_t chain = at(Field::Chain).low;
  const auto protocol = static_cast<net::Protocol>(at(Field::Protocol).low);
  const net::Address from = address_of(at(Field::Source), witness.family),
                     to = address_of(at(Field::Destination), witness.family);
  std::string text = net::to_string(protocol);
  if (is_icmp({.first = at(Field::Protocol), .last = at(Field::Protocol)}))
    text += fmt::format(" {}/{} {} > {}", at(Field::SourcePort).low, at(Field::DestinationPort).low, from.to_string(),
                        to.to_string());
  else if (net::has_ports(protocol))
    text += fmt::format(" {} > {}", with_port(from, at(Field::SourcePort).low),
                        with_port(to, at(Field::DestinationPort).low));
  else
    text += fmt::format(" {} > {}", from.to_string(), to.to_string());
  const auto device = [&](Field field) {
    return at(field).low % 2 == 1 ? numbers.device(at(field)) : std::string("another device");
  };
  if (chain != kOutput) text += ", in " + device(Field::In);
  if (chain != kInput) text += ", out " + device(Field::Out);
  return text;
}

}  // namespace vuurmuur::analyse
