// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <libmnl/libmnl.h>
#include <linux/netlink.h>

namespace vuurmuur::apply {

/// Calls `each` with every attribute that lies whole between two places.
template <class Each>
void for_each_attribute(const void* begin, const void* end, Each each) {
  const auto left = [&](const nlattr* at) {
    return static_cast<int>(static_cast<const char*>(end) - reinterpret_cast<const char*>(at));
  };
  for (const auto* at = static_cast<const nlattr*>(begin); mnl_attr_ok(at, left(at)); at = mnl_attr_next(at)) each(at);
}

/// The same with the attributes in a container; nothing happens when there is none.
template <class Each>
void for_each_attribute(const nlattr* container, Each each) {
  if (container == nullptr) return;
  const auto* begin = static_cast<const char*>(mnl_attr_get_payload(container));
  for_each_attribute(begin, begin + mnl_attr_get_payload_len(container), each);
}

}  // namespace vuurmuur::apply
