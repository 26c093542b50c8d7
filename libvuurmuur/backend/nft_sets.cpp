// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/nft_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "backend/nft_names.h"
#include "backend/protocol_name.h"
#include "base/assert.h"

namespace vuurmuur::backend::nft {
namespace {

std::vector<Field> key_of(ir::SetKey key) {
  std::vector<Field> fields;
  if (ir::has_source(key)) fields.push_back(Field::Source);
  if (ir::has_port(key) && ir::has_source(key)) fields.push_back(Field::PortDestination);
  if (ir::has_destination(key)) fields.push_back(Field::Destination);
  if (ir::has_port(key) && !ir::has_source(key)) fields.push_back(Field::PortDestination);
  return fields;
}

/// The lowest or the highest key of an element.
KeyBytes end_of(const ir::SetElement& element, const std::vector<Field>& fields, bool is_last) {
  KeyBytes key;
  for (const Field field : fields) switch (field) {
      case Field::Source: append_address(key, is_last ? element.source->last() : element.source->address); break;
      case Field::Destination:
        append_address(key, is_last ? element.destination->last() : element.destination->address);
        break;
      default: append_number(key, field, element.port->port); break;
    }
  return key;
}

}  // namespace

void append_address(KeyBytes& key, const net::Address& address) {
  const std::size_t size = net::address_bits(address.family) / 8;
  VM_ASSERT(key.size + size <= KeyBytes::kMaxSize);
  std::copy_n(address.bytes.begin(), size, key.bytes.begin() + key.size);
  key.size = static_cast<std::uint8_t>(key.size + size);
}

void append_number(KeyBytes& key, Field field, std::uint32_t value) {
  VM_ASSERT(key.size + 4u <= KeyBytes::kMaxSize);
  std::uint8_t* const to = key.bytes.data() + key.size;
  switch (field_size(field, net::Family::Ipv4)) {
    case 1: *to = static_cast<std::uint8_t>(value); break;
    case 2: {
      VM_ASSERT(is_network_order(field));
      to[0] = static_cast<std::uint8_t>(value >> 8);
      to[1] = static_cast<std::uint8_t>(value);
      break;
    }
    default: {
      VM_ASSERT(!is_network_order(field));
      std::memcpy(to, &value, sizeof value);
    }
  }
  key.size = static_cast<std::uint8_t>(key.size + 4);
}

unsigned field_size(Field field, net::Family family) {
  switch (field) {
    case Field::Source:
    case Field::Destination: return net::address_bits(family) / 8;
    case Field::InInterface:
    case Field::OutInterface: return 16;
    case Field::Protocol:
    case Field::TcpFlags:
    case Field::IcmpType:
    case Field::IcmpCode: return 1;
    case Field::TcpSource:
    case Field::TcpDestination:
    case Field::UdpSource:
    case Field::UdpDestination:
    case Field::PortSource:
    case Field::PortDestination:
    case Field::FragmentOffset: return 2;
    case Field::CtState:
    case Field::CtMark:
    case Field::PacketMark: return 4;
  }
  return 4;
}

bool is_network_order(Field field) {
  switch (field) {
    case Field::InInterface:
    case Field::OutInterface:
    case Field::Protocol:
    case Field::CtState:
    case Field::CtMark:
    case Field::PacketMark: return false;
    default: return true;
  }
}

std::vector<net::Protocol> protocols_of(const ir::Set& set) {
  std::vector<net::Protocol> protocols;
  for (const ir::SetElement& element : set.elements)
    if (element.port && std::ranges::find(protocols, element.port->protocol) == protocols.end())
      protocols.push_back(element.port->protocol);
  std::ranges::sort(protocols);
  return protocols;
}

Set make_set(const ir::Set& set, std::optional<net::Protocol> protocol, const CounterOf& counter_of,
             const std::vector<Counter>& counters) {
  Set made{
      .name = protocol ? fmt::format("{}-{}", set.name, protocol_name(static_cast<std::uint8_t>(*protocol))) : set.name,
      .kind = set.is_timed()   ? Set::Kind::Timed
              : set.is_counted ? Set::Kind::Counters
                               : Set::Kind::Members,
      .key = key_of(set.key),
      .has_intervals = !ir::has_only_hosts(set),
      .elements = {}};
  made.elements.reserve(set.elements.size());
  for (const ir::SetElement& element : set.elements) {
    if (protocol && element.port->protocol != *protocol) continue;
    Element& to = made.elements.emplace_back(
        Element{end_of(element, made.key, false), end_of(element, made.key, true), std::monostate{}});
    if (set.is_counted) to.data = counter_of(element.origin);
  }
  std::ranges::sort(made.elements, {}, &Element::first);
  if (set.is_counted) {
    // The name that the IR gave tells the keys. Those of the counters are told too: a map of the same name is the same.
    NameHash hash;
    for (const Element& element : made.elements) hash.add(counters[std::get<Index>(element.data)].name);
    made.name += fmt::format("-{:016x}", hash.value());
  }
  return made;
}

std::uint32_t set_size(const Set& set) {
  if (set.kind == Set::Kind::Meters) return kMeterSize;
  if (set.kind == Set::Kind::Timed) return 0;
  return set.has_intervals ? 0 : static_cast<std::uint32_t>(set.elements.size());
}

bool is_own_set_name(std::string_view name) { return name.starts_with(ir::kOwnSetPrefix); }

}  // namespace vuurmuur::backend::nft
