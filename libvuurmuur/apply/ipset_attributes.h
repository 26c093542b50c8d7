// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <libmnl/libmnl.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "apply/netlink_attributes.h"

namespace vuurmuur::apply {

/// Attributes of types below N by their type: views into the message.
template <std::size_t N>
class Attributes {
 public:
  /// Of a message of ip_set.
  explicit Attributes(const nlmsghdr* message) {
    for_each_attribute(mnl_nlmsg_get_payload_offset(message, sizeof(nfgenmsg)), mnl_nlmsg_get_payload_tail(message),
                       [&](const nlattr* attribute) { keep(attribute); });
  }
  /// Of a container, which may be missing.
  explicit Attributes(const nlattr* container) {
    for_each_attribute(container, [&](const nlattr* attribute) { keep(attribute); });
  }

  [[nodiscard]] const nlattr* operator[](int type) const { return found_[static_cast<std::size_t>(type)]; }

  /// Empty when it is not there.
  [[nodiscard]] std::string text(int type) const {
    const nlattr* attribute = (*this)[type];
    if (attribute == nullptr) return {};
    const char* bytes = mnl_attr_get_str(attribute);
    return {bytes, ::strnlen(bytes, mnl_attr_get_payload_len(attribute))};
  }

  /// A number in network order, as ip_set has them; 0 when it is not there.
  template <class T>
  [[nodiscard]] T number(int type) const {
    const nlattr* attribute = (*this)[type];
    T value = 0;
    if (attribute == nullptr || mnl_attr_get_payload_len(attribute) < sizeof value) return 0;
    std::memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
  }

 private:
  void keep(const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) < N) found_[mnl_attr_get_type(attribute)] = attribute;
  }

  std::array<const nlattr*, N> found_{};
};

using CommandAttributes = Attributes<IPSET_ATTR_CMD_MAX + 1>;
using ElementAttributes = Attributes<IPSET_ATTR_ADT_MAX + 1>;
using AddressAttributes = Attributes<IPSET_ATTR_IPADDR_MAX + 1>;
using HeaderAttributes = Attributes<IPSET_ATTR_CREATE_MAX + 1>;

}  // namespace vuurmuur::apply
