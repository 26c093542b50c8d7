// SPDX-License-Identifier: GPL-2.0-or-later
#include "analyse/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vuurmuur::analyse {
namespace {

bool is_icmp(net::Protocol protocol) { return protocol == net::Protocol::Icmp || protocol == net::Protocol::Icmpv6; }

bool holds(const Interval& interval, const Value& value) { return interval.first <= value && value <= interval.last; }

/// RFC 5737, and of RFC 3849 what is far from what people take for their own.
constexpr std::array kSource4{Value{.low = 0xc633'644d}}, kDestination4{Value{.low = 0xc633'6450}};
constexpr std::array kSource6{Value{.high = 0x2001'0db8'ffff'0000, .low = 0x77}},
    kDestination6{Value{.high = 0x2001'0db8'ffff'0000, .low = 0x80}};
constexpr std::array kProtocols4{Value{.low = 6}, Value{.low = 17}, Value{.low = 1}, Value{.low = 47}};
constexpr std::array kProtocols6{Value{.low = 6}, Value{.low = 17}, Value{.low = 58}, Value{.low = 47}};
/// Or types of ICMP: an echo request, and others.
constexpr std::array kSourcePorts4{Value{.low = 50000}, Value{.low = 8}, Value{.low = 13}};
constexpr std::array kSourcePorts6{Value{.low = 50000}, Value{.low = 128}, Value{.low = 1}};
/// Or a code.
constexpr std::array kDestinationPorts{Value{.low = 40000}, Value{.low = 0}};

/// A usual one among some values; else one near their beginning.
Value choose(const Interval& interval, Field field, net::Family family, std::uint64_t behind_first) {
  for (const Value& value : usual_values(field, family))
    if (holds(interval, value)) return value;
  const Value near{.high = interval.first.high, .low = interval.first.low + behind_first};
  return near.low >= interval.first.low && holds(interval, near) ? near : interval.first;
}

std::string name_of(const net::Address& address, const names::Index& names) {
  if (const auto name = names.address(address)) return std::string(*name);
  if (const auto network = names.network(address)) return std::string(*network);
  return {};
}

std::string end_text(const net::Address& address, std::uint16_t port, bool has_port) {
  if (!has_port) return address.to_string();
  return address.family == net::Family::Ipv6 ? fmt::format("[{}]:{}", address.to_string(), port)
                                             : fmt::format("{}:{}", address.to_string(), port);
}

}  // namespace

std::span<const Value> usual_values(Field field, net::Family family) {
  const bool is_ipv4 = family == net::Family::Ipv4;
  switch (field) {
    case Field::Source: return is_ipv4 ? kSource4 : kSource6;
    case Field::Destination: return is_ipv4 ? kDestination4 : kDestination6;
    case Field::Protocol: return is_ipv4 ? kProtocols4 : kProtocols6;
    case Field::SourcePort: return is_ipv4 ? kSourcePorts4 : kSourcePorts6;
    case Field::DestinationPort: return kDestinationPorts;
    case Field::Chain:
    case Field::In:
    case Field::Out:
    case Field::SourceMac:
    case Field::OwnAddress: break;
  }
  return {};
}

Sample sample_at(const RankPoint& point, const Ranks& ranks, const PolicyBoxes& boxes_of) {
  const net::Family family = boxes_of.family();
  const Box everything = boxes_of.everything(), around = ranks.box({.first = point, .last = point});
  const auto piece = [&](Field field) {
    return Interval{.first = around[field].first, .last = std::min(around[field].last, everything[field].last)};
  };
  Sample sample{.family = family,
                .way = static_cast<Sample::Way>(piece(Field::Chain).first.low),
                .in = {},
                .out = {},
                .source = {},
                .destination = {},
                .source_mac = {}};
  const auto device = [&](Field field) {
    const Interval values = piece(field);
    // An odd number is that of a name.
    const Value value =
        values.first.low % 2 == 0 && values.first.low < values.last.low ? values.first.next() : values.first;
    return boxes_of.known_device(value);
  };
  if (sample.way != Sample::Way::Output) sample.in = device(Field::In);
  if (sample.way != Sample::Way::Input) sample.out = device(Field::Out);
  sample.source = address_of(choose(piece(Field::Source), Field::Source, family, 9), family);
  sample.destination = address_of(choose(piece(Field::Destination), Field::Destination, family, 9), family);
  sample.is_own_unknown = sample.way != Sample::Way::Forward && piece(Field::OwnAddress).first != Value{};
  sample.protocol = static_cast<net::Protocol>(choose(piece(Field::Protocol), Field::Protocol, family, 0).low);
  Interval source = piece(Field::SourcePort);
  const Interval destination = piece(Field::DestinationPort);
  if (is_icmp(sample.protocol)) {
    source.last = std::min(source.last, Value{.low = 255});
    sample.icmp_type = static_cast<std::uint8_t>(choose(source, Field::SourcePort, family, 0).low);
    sample.icmp_code = static_cast<std::uint8_t>(destination.first.low);
  } else if (net::has_ports(sample.protocol)) {
    sample.source_port = static_cast<std::uint16_t>(choose(source, Field::SourcePort, family, 0).low);
    sample.destination_port = static_cast<std::uint16_t>(choose(destination, Field::DestinationPort, family, 0).low);
  }
  const Interval mac = piece(Field::SourceMac);
  if (mac.first == mac.last && sample.way != Sample::Way::Output) {
    sample.source_mac.emplace();
    for (std::size_t i = 0; i < 6; ++i)
      sample.source_mac->bytes[i] = static_cast<std::uint8_t>(mac.first.low >> (40 - 8 * i));
  }
  return sample;
}

std::string protocol_name(net::Protocol protocol) {
  return protocol == net::Protocol::Icmpv6 ? "icmpv6" : net::to_string(protocol);
}

std::string text_of(const Sample& sample, const names::Index& names) {
  const bool has_ports = net::has_ports(sample.protocol);
  const bool is_source_unknown = sample.is_own_unknown && sample.way == Sample::Way::Output,
             is_destination_unknown = sample.is_own_unknown && sample.way == Sample::Way::Input;
  const auto end = [&](const net::Address& address, std::uint16_t port, bool is_unknown, const std::string& by) {
    if (!is_unknown) return end_text(address, port, has_ports);
    return has_ports ? fmt::format("(the address of {}):{}", by, port) : fmt::format("(the address of {})", by);
  };
  std::string text = net::to_string(sample.protocol).find_first_not_of("0123456789") == std::string::npos
                         ? fmt::format("protocol {}", static_cast<unsigned>(sample.protocol))
                         : protocol_name(sample.protocol);
  if (is_icmp(sample.protocol)) text += fmt::format(" type {} code {}", sample.icmp_type, sample.icmp_code);
  text += fmt::format(" {} > {}", end(sample.source, sample.source_port, is_source_unknown, sample.out),
                      end(sample.destination, sample.destination_port, is_destination_unknown, sample.in));
  const std::string from = is_source_unknown ? "firewall" : name_of(sample.source, names),
                    to = is_destination_unknown ? "firewall" : name_of(sample.destination, names);
  if (!from.empty() && !to.empty())
    text += fmt::format(" ({} > {})", from, to);
  else if (!from.empty())
    text += fmt::format(" (from {})", from);
  else if (!to.empty())
    text += fmt::format(" (to {})", to);
  const auto by = [](const std::string& device) {
    return device.empty() ? std::string("a device that no interface stands for") : device;
  };
  if (sample.way != Sample::Way::Output) text += ", in by " + by(sample.in);
  if (sample.way != Sample::Way::Input) text += ", out by " + by(sample.out);
  if (sample.source_mac) text += ", from MAC address " + sample.source_mac->to_string();
  return text;
}

}  // namespace vuurmuur::analyse
