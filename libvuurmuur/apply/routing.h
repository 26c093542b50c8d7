// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"

namespace vuurmuur::apply {

/// A device by its number in the kernel (ifindex).
using DeviceNumber = std::uint32_t;

/// What a route makes of packets to an address.
enum class RouteKind : std::uint8_t {
  None,       ///< there is none, or it refuses them
  Onward,     ///< they leave by a device
  Local,      ///< the address is this machine's
  Broadcast,  ///< of a network of this machine
  Anycast,    ///< delivered here as well
};

struct Route {
  RouteKind kind = RouteKind::None;
  /// By which they leave, or whose address or broadcast it is; nothing when the route has several.
  std::optional<DeviceNumber> device{};
  bool operator==(const Route&) const = default;
};

/// An address of this machine.
struct OwnedAddress {
  DeviceNumber device = 0;
  net::Address address;
  std::uint8_t length = 0;     ///< of the prefix that it is in
  bool is_deprecated = false;  ///< IPv6: not to be used any more (RFC 4862 5.5.4)
};

/// A rule (ip-rule) that lets more than the destination choose the routes, as far as it tells its packets by addresses.
/// Without a prefix: any address of the family.
struct RoutingRule {
  net::Family family = net::Family::Ipv4;
  std::optional<net::Prefix> from{}, to{};
};

/// What decides by which devices packets come and go.
struct RoutingFacts {
  std::map<DeviceNumber, std::string> devices;
  std::vector<OwnedAddress> addresses;
  std::vector<RoutingRule> rules;
};

}  // namespace vuurmuur::apply
