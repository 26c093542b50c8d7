// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <endian.h>
#include <libmnl/libmnl.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "apply/netlink_attributes.h"

namespace vuurmuur::apply {

/// Attributes by their type; null for those that are missing.
template <std::size_t N>
using FoundAttributes = std::array<const nlattr*, N>;

/// The attributes of types below N. Containers may lack NLA_F_NESTED, and only those are handed in.
template <std::size_t N>
FoundAttributes<N> attributes_in(const void* begin, std::size_t size) {
  FoundAttributes<N> found{};
  for_each_attribute(begin, static_cast<const char*>(begin) + size, [&](const nlattr* at) {
    if (mnl_attr_get_type(at) < N) found[mnl_attr_get_type(at)] = at;
  });
  return found;
}

template <std::size_t N>
FoundAttributes<N> attributes_in(const nlattr* container) {
  if (container == nullptr) return {};
  return attributes_in<N>(mnl_attr_get_payload(container), mnl_attr_get_payload_len(container));
}

/// A number as it is in the message; 0 when it is missing or too short.
template <class T>
T raw_number(const nlattr* attribute) {
  T value{};
  if (attribute != nullptr && mnl_attr_get_payload_len(attribute) >= sizeof value)
    std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
  return value;
}

}  // namespace vuurmuur::apply
