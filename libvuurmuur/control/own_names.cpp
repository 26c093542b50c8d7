// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/own_names.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <optional>

namespace vuurmuur::control {
namespace {

std::optional<net::Address> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  net::Address read;
  if (address->sa_family == AF_INET) {
    std::memcpy(read.bytes.data(), &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    read.family = net::Family::Ipv6;
    std::memcpy(read.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  } else {
    return std::nullopt;
  }
  return read;
}

}  // namespace

OwnNames::OwnNames(const sema::Policy& policy) {
  for (const sema::Interface& interface : policy.interfaces) interfaces_.try_emplace(interface.device, interface.name);
  look_around();
}

void OwnNames::look_around() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, decltype([](ifaddrs* all) { ::freeifaddrs(all); })> owner(list);
  own_.clear();
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    const auto address = address_of(each->ifa_addr);
    if (!address || each->ifa_name == nullptr) continue;
    const auto interface = interfaces_.find(std::string_view(each->ifa_name));
    own_.try_emplace(
        *address,
        "firewall(" + (interface == interfaces_.end() ? std::string(each->ifa_name) : interface->second) + ")");
  }
}

const std::string* OwnNames::find(const net::Address& address) const {
  const auto found = own_.find(address);
  return found == own_.end() ? nullptr : &found->second;
}

}  // namespace vuurmuur::control
