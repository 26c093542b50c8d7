// SPDX-License-Identifier: GPL-2.0-or-later
#include "reference/world.h"

namespace vuurmuur::reference {
namespace {

bool is_multicast(const net::Address& address) {
  if (address.family == net::Family::Ipv4) return address.bytes[0] >= 224 && address.bytes[0] <= 239;
  return address.bytes[0] == 0xff;
}

}  // namespace

bool World::is_local(const net::Address& address) const {
  if (is_multicast(address)) return true;
  if (address == net::Address::ipv4(0xffffffff)) return true;
  for (const auto& [device, addresses] : devices) {
    for (const net::Prefix& own : addresses) {
      if (own.family() != address.family) continue;
      if (own.address == address) return true;
      if (own.family() == net::Family::Ipv4 && own.length < 31 && own.last() == address) return true;
    }
  }
  return false;
}

std::string World::device_towards(const net::Address& address) const {
  std::string best;
  int best_length = -1;
  const auto consider = [&](const net::Prefix& prefix, const std::string& device) {
    if (prefix.family() != address.family || !prefix.contains(address) || prefix.length <= best_length) return;
    best_length = prefix.length;
    best = device;
  };
  for (const auto& [device, addresses] : devices)
    for (const net::Prefix& own : addresses) consider(own.network(), device);
  for (const Route& route : routes) consider(route.to, route.device);
  return best;
}

}  // namespace vuurmuur::reference
