// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apply/live_connection.h"
#include "apply/routing.h"
#include "ir/evaluate.h"

namespace vuurmuur::apply {

/// Why it is not known by which device the first packet of a connection came or left.
enum class DeviceDoubt : std::uint8_t {
  None,
  NoRoute,        ///< there is no route to the address now
  SeveralRoutes,  ///< there are some by several devices
  RoutingRules,   ///< rules choose routes by more than addresses (ip-rule)
  LinkLocal,      ///< the address is in use on every link
  Group,          ///< it went to a multicast or broadcast address
  NoSource,       ///< it came from the unspecified address
};

/// The first packet of a live connection, as far as it can be told from the connection.
struct FirstPacket {
  ir::Opening opening;
  enum class Also : std::uint8_t {
    Nothing,
    Then,  ///< it met `second` after `opening`: what this machine sends to itself
    Or,    ///< it met one of the two: multicast that is delivered here or forwarded
  };
  Also also = Also::Nothing;
  ir::Opening second{};
  DeviceDoubt in_doubt = DeviceDoubt::None, out_doubt = DeviceDoubt::None;
};

using Routes = std::unordered_map<net::Address, Route, HashAddress>;

/// Where the packet came from and where it went when filter saw it: behind destination NAT, before source NAT.
[[nodiscard]] inline const net::Address& source_in_filter(const LiveConnection& connection) {
  return connection.original.source;
}
[[nodiscard]] inline const net::Address& destination_in_filter(const LiveConnection& connection) {
  return connection.reply.source;
}

/// Whether the route to an address tells something; not to groups and to addresses that no packet leaves for.
[[nodiscard]] bool is_routable(const net::Address& address);

/// Finds the first packets of connections. The device that it came by is taken to be the one that leads back to its
/// source: conntrack does not keep it. Both arguments must outlive this.
class FirstPackets {
 public:
  using Number = std::function<ir::DeviceId(std::string_view device)>;
  /// `number` is asked once for every device. `routes` has those to every is_routable() address that is asked about.
  FirstPackets(const RoutingFacts& facts, const Routes& routes, const Number& number);

  [[nodiscard]] FirstPacket of(const LiveConnection& connection) const;

 private:
  struct Found {
    ir::DeviceId id = ir::DeviceId::Unknown;
    DeviceNumber number = 0;  ///< of a known one
    DeviceDoubt doubt = DeviceDoubt::None;
  };
  [[nodiscard]] Route route_to(const net::Address& address) const;
  [[nodiscard]] bool is_own(const net::Address& address) const;
  /// The device of the way between two addresses, `to` being the one that is not here.
  [[nodiscard]] Found device_between(const net::Address& from, const net::Address& to) const;
  [[nodiscard]] Found device_of_own(const net::Address& address) const;
  [[nodiscard]] Found known(DeviceNumber number) const;
  [[nodiscard]] ir::OwnAddress own_address(const net::Address& address, const Found& in, const Found& out) const;
  [[nodiscard]] ir::Known is_of(const net::Address& address, const Found& device) const;
  void set_devices(FirstPacket& packet, ir::Opening& opening, const Found& in, const Found& out) const;

  const RoutingFacts& facts_;
  const Routes& routes_;
  std::unordered_map<DeviceNumber, ir::DeviceId> ids_;
  std::unordered_map<net::Address, std::vector<DeviceNumber>, HashAddress> owners_;
  DeviceNumber loopback_ = 0;
};

}  // namespace vuurmuur::apply
