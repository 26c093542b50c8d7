// SPDX-License-Identifier: GPL-2.0-or-later
#include "compile/tree_split.h"

#include <algorithm>

namespace vuurmuur::compile {
namespace {

InterfaceCondition interface_of(const Box& box, Field field) { return field == Field::In ? box.in : box.out; }
InterfaceCondition& interface_of(Box& box, Field field) { return field == Field::In ? box.in : box.out; }
const AddressBits& address_of(const Box& box, Field field) {
  return field == Field::Source ? box.source : box.destination;
}
AddressBits& address_of(Box& box, Field field) { return field == Field::Source ? box.source : box.destination; }

/// The protocols whose ports xtables matches with a range.
constexpr std::array kPortProtocols{static_cast<std::uint8_t>(net::Protocol::Tcp),
                                    static_cast<std::uint8_t>(net::Protocol::Udp)};

bool contains(const net::PortRange& outer, const net::PortRange& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

bool overlap(const net::PortRange& a, const net::PortRange& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

std::optional<Split> Split::make(Field field, std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                 const Box& region, const InterfaceNames& names) {
  switch (field) {
    case Field::In:
    case Field::Out: return by_interface(field, rules, boxes, region, names);
    case Field::Source:
    case Field::Destination: return by_address(field, rules, boxes, region);
    case Field::Ports: return by_ports(rules, boxes, region);
    case Field::Protocol: return by_protocol(rules, boxes, region);
  }
  return std::nullopt;
}

Places Split::places_of(const Box& box, const InterfaceNames& names) const {
  switch (field) {
    case Field::In:
    case Field::Out: return interface_places(interface_of(box, field), names);
    case Field::Source:
    case Field::Destination: return address_places(address_of(box, field));
    case Field::Ports: return port_places(box);
    case Field::Protocol: return protocol_places(box);
  }
  return {};
}

bool Split::is_in(const Box& box, std::size_t branch, const InterfaceNames& names) const {
  const Box& there = branches[branch].region;
  switch (field) {
    case Field::In:
    case Field::Out: return names.contains(interface_of(box, field), interface_of(there, field));
    case Field::Source:
    case Field::Destination: return address_of(box, field).overlaps(address_of(there, field));
    case Field::Ports: return overlap(box.ports, there.ports);
    case Field::Protocol: return box.protocol == there.protocol;
  }
  return false;
}

ir::Rule Split::condition(Field field, const Box& branch_region, net::Family family, const InterfaceNames& names) {
  ir::Rule rule{.commented = false};
  switch (field) {
    case Field::In: rule.in_interface = names.name_of(branch_region.in); break;
    case Field::Out: rule.out_interface = names.name_of(branch_region.out); break;
    case Field::Source: rule.source = branch_region.source.prefix(family); break;
    case Field::Destination: rule.destination = branch_region.destination.prefix(family); break;
    case Field::Ports:
      rule.protocol = static_cast<net::Protocol>(branch_region.protocol);
      if (*rule.protocol == net::Protocol::Tcp)
        rule.matches.push_back(ir::TcpMatch{.destination = branch_region.ports});
      else
        rule.matches.push_back(ir::UdpMatch{.destination = branch_region.ports});
      break;
    case Field::Protocol: rule.protocol = static_cast<net::Protocol>(branch_region.protocol); break;
  }
  return rule;
}

// Interfaces: a branch for each condition that is asked, plain names before wildcards, longer wildcards before shorter
// ones, so that each branch has the packets that those before it left.
std::optional<Split> Split::by_interface(Field field, std::span<const std::uint32_t> rules,
                                         const std::vector<Box>& boxes, const Box& region,
                                         const InterfaceNames& names) {
  Split split;
  split.field = field;
  split.region_interface_ = interface_of(region, field);
  std::vector<InterfaceCondition> asked;
  std::vector<bool> seen(names.size(), false);
  for (const std::uint32_t i : rules) {
    const InterfaceCondition condition = interface_of(boxes[i], field);
    if (names.contains(condition, split.region_interface_) || seen[condition]) continue;
    seen[condition] = true;
    asked.push_back(condition);
  }
  if (asked.empty()) return std::nullopt;
  std::ranges::stable_sort(asked, [&](InterfaceCondition a, InterfaceCondition b) {
    if (names.is_wildcard(a) != names.is_wildcard(b)) return names.is_wildcard(b);
    return names.is_wildcard(a) && names.name_of(a).size() > names.name_of(b).size();
  });
  split.branch_of_interface_.assign(names.size(), kNone);
  for (const InterfaceCondition condition : asked) {
    split.branch_of_interface_[condition] = static_cast<std::uint32_t>(split.branches.size());
    split.branches.push_back({.region = region, .is_fixed = names.is_wildcard(condition)});
    interface_of(split.branches.back().region, field) = condition;
  }
  return split;
}

Places Split::interface_places(InterfaceCondition condition, const InterfaceNames& names) const {
  if (names.contains(condition, region_interface_)) return {.everywhere = true, .rest = true};
  if (names.is_wildcard(condition)) return {.is_some = true};
  return {.is_one = true, .first = branch_of_interface_[condition]};
}

// Addresses: those that tell more than the region does have some leading bits in common; the two bits behind these make
// up to four branches.
std::optional<Split> Split::by_address(Field field, std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                       const Box& region) {
  Split split;
  split.field = field;
  split.region_length_ = address_of(region, field).length;
  const AddressBits* first = nullptr;
  std::uint8_t common = 0, longest = 0;
  for (const std::uint32_t i : rules) {
    const AddressBits& address = address_of(boxes[i], field);
    if (address.length <= split.region_length_) continue;
    if (first == nullptr) {
      first = &address;
      common = address.length;
    } else {
      common = std::min(common, first->common_with(address));
    }
    longest = std::max(longest, address.length);
  }
  if (first == nullptr) return std::nullopt;
  const auto add_branch = [&](const AddressBits& address) {
    split.branches.push_back({.region = region});
    address_of(split.branches.back().region, field) = address;
  };
  split.position_ = common;
  if (common == longest) {
    // All the same: it or not it.
    split.width_ = 0;
    split.branch_of_digit_.fill(0);
    add_branch(first->cut(common));
    return split;
  }
  split.width_ = static_cast<std::uint8_t>(std::min(2, longest - common));
  std::array<bool, 4> used{};
  for (const std::uint32_t i : rules) {
    const AddressBits& address = address_of(boxes[i], field);
    if (address.length <= common) continue;
    const unsigned digit = address.digit(common);
    used[digit] = true;
    if (address.length < common + split.width_) used[digit | 1u] = true;
  }
  for (unsigned digit = 0; digit < 4; ++digit) {
    if (!used[digit]) continue;
    split.branch_of_digit_[digit] = static_cast<std::uint32_t>(split.branches.size());
    add_branch(first->with_digit(common, digit, static_cast<std::uint8_t>(common + split.width_)));
  }
  split.is_complete =
      common == split.region_length_ && split.branches.size() == (split.width_ == 2 ? std::size_t{4} : std::size_t{2});
  return split;
}

Places Split::address_places(const AddressBits& address) const {
  if (address.length <= region_length_) return {.everywhere = true, .rest = !is_complete};
  if (address.length >= position_ + width_) {
    const unsigned digit = width_ == 0 ? 0 : width_ == 1 ? address.digit(position_) & 2u : address.digit(position_);
    return {.is_one = true, .first = branch_of_digit_[digit]};
  }
  // It holds two branches, or all and what lies between them.
  if (address.length > position_) return {.is_some = true};
  const bool has_gaps = branches.size() < (width_ == 2 ? std::size_t{4} : std::size_t{2});
  return {.everywhere = true, .rest = has_gaps};
}

// Ports: quarters of the ports that the rules of one protocol begin and end at.
std::optional<Split> Split::by_ports(std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                     const Box& region) {
  Split split;
  split.field = Field::Ports;
  split.region_ports_ = region.ports;
  std::vector<std::uint16_t> edges;
  for (const std::uint8_t protocol : kPortProtocols) {
    if (region.protocol != 0 && region.protocol != protocol) continue;
    std::vector<std::uint16_t> found;
    for (const std::uint32_t i : rules) {
      const Box& box = boxes[i];
      if (box.protocol != protocol || contains(box.ports, region.ports)) continue;
      if (box.ports.first > region.ports.first) found.push_back(box.ports.first);
      if (box.ports.last < region.ports.last) found.push_back(static_cast<std::uint16_t>(box.ports.last + 1));
    }
    if (found.size() <= edges.size()) continue;
    edges = std::move(found);
    split.protocol_ = protocol;
  }
  if (edges.empty()) return std::nullopt;
  const auto quarter = [&edges](std::size_t number) {
    return edges.begin() + static_cast<std::ptrdiff_t>(edges.size() * number / 4);
  };
  std::nth_element(edges.begin(), quarter(2), edges.end());
  std::nth_element(edges.begin(), quarter(1), quarter(2));
  if (quarter(3) != quarter(2)) std::nth_element(quarter(2) + 1, quarter(3), edges.end());
  std::vector<std::uint16_t> cuts{*quarter(1), *quarter(2), *quarter(3)};
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<net::PortRange> ranges;
  std::uint16_t begin = region.ports.first;
  for (const std::uint16_t cut : cuts) {
    ranges.push_back({begin, static_cast<std::uint16_t>(cut - 1)});
    begin = cut;
  }
  ranges.push_back({begin, region.ports.last});
  std::vector<bool> used(ranges.size(), false);
  for (const std::uint32_t i : rules) {
    const Box& box = boxes[i];
    if (box.protocol != split.protocol_ || contains(box.ports, region.ports)) continue;
    for (std::size_t r = 0; r < ranges.size(); ++r)
      if (overlap(box.ports, ranges[r])) used[r] = true;
  }
  for (std::size_t r = 0; r < ranges.size(); ++r) {
    if (!used[r]) continue;
    split.branches.push_back({.region = region});
    Box& there = split.branches.back().region;
    there.protocol = split.protocol_;
    there.ports = ranges[r];
    there.asks_ports = true;
  }
  split.has_all_ranges_ = split.branches.size() == ranges.size();
  split.is_complete = split.has_all_ranges_ && region.asks_ports;
  return split;
}

Places Split::port_places(const Box& box) const {
  if (box.protocol != protocol_ && box.protocol != 0) return {.rest = true};
  // Without a test of ports it also holds for packets that have none (later fragments), which no branch takes.
  if (box.protocol == 0 || !box.asks_ports) return {.everywhere = true, .rest = !is_complete};
  if (contains(box.ports, region_ports_)) return {.everywhere = true, .rest = !has_all_ranges_};
  return {.is_some = true};
}

std::optional<Split> Split::by_protocol(std::span<const std::uint32_t> rules, const std::vector<Box>& boxes,
                                        const Box& region) {
  if (region.protocol != 0) return std::nullopt;
  Split split;
  split.field = Field::Protocol;
  std::array<bool, 256> used{};
  for (const std::uint32_t i : rules) used[boxes[i].protocol] = true;
  for (unsigned protocol = 1; protocol < used.size(); ++protocol) {
    if (!used[protocol]) continue;
    split.branches.push_back({.region = region});
    split.branches.back().region.protocol = static_cast<std::uint8_t>(protocol);
  }
  if (split.branches.empty()) return std::nullopt;
  return split;
}

Places Split::protocol_places(const Box& box) const {
  if (box.protocol == 0) return {.everywhere = true, .rest = true};
  return {.is_some = true};
}

}  // namespace vuurmuur::compile
