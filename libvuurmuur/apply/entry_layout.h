// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstddef>
#include <cstring>

#include "net/address.h"

namespace vuurmuur::apply {

/// Where the fields of a struct ipt_entry or ip6t_entry are, so that one code serves both families.
struct EntryLayout {
  std::size_t size;           ///< of the structure without matches and target
  std::size_t target_offset;  ///< of the 16-bit field of that name, and so on
  std::size_t next_offset;
  std::size_t comefrom;
  std::size_t counters;
  std::size_t verdict_size;  ///< of an entry that has a verdict or jump and no match
  std::size_t name_size;     ///< of the entry with a user chain's name
};

[[nodiscard]] constexpr EntryLayout layout_of(net::Family family) {
  constexpr std::size_t kVerdict = XT_ALIGN(sizeof(xt_standard_target)), kName = XT_ALIGN(sizeof(xt_error_target));
  if (family == net::Family::Ipv4)
    return {sizeof(ipt_entry),
            offsetof(ipt_entry, target_offset),
            offsetof(ipt_entry, next_offset),
            offsetof(ipt_entry, comefrom),
            offsetof(ipt_entry, counters),
            sizeof(ipt_entry) + kVerdict,
            sizeof(ipt_entry) + kName};
  return {sizeof(ip6t_entry),
          offsetof(ip6t_entry, target_offset),
          offsetof(ip6t_entry, next_offset),
          offsetof(ip6t_entry, comefrom),
          offsetof(ip6t_entry, counters),
          sizeof(ip6t_entry) + kVerdict,
          sizeof(ip6t_entry) + kName};
}

/// A number or structure at a place that need not be aligned for it.
template <class T>
[[nodiscard]] T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
void store(std::byte* to, const T& value) {
  std::memcpy(to, &value, sizeof value);
}

}  // namespace vuurmuur::apply
