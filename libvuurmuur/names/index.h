// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/policy.h"
#include "names/prefix_table.h"
#include "names/service_table.h"
#include "net/address.h"
#include "net/ports.h"
#include "sema/policy.h"

namespace vuurmuur::names {

/// An address that a device of this machine has at the moment.
struct OwnAddress {
  std::string device;
  net::Address address;
};

/// The word that stands for this machine where a zone's name could stand.
inline constexpr std::string_view kFirewall = "firewall";

/// What a policy calls addresses and services. Holds all it needs; what it gives lives as long as it does and is not
/// copied. May be asked by several threads.
///
/// An address is, first of all, one of this machine's, then that of a host, then the broadcast address of a network,
/// and is in the network with the longest prefix that holds it. Of what is equal in that, the first in the policy
/// counts. What is inactive has no names.
class Index {
 public:
  /// `policy` is the one that `model` was resolved to. `own`: addresses that devices have beside those that interfaces
  /// are configured with; those of a device that no interface stands for go by its own name.
  [[nodiscard]] static Index build(const model::Policy& model, const sema::Policy& policy,
                                   std::span<const OwnAddress> own = {});

  /// The name of one address: "firewall(lan)" by the interface, "host.network.zone", "network.zone(broadcast)". Nothing
  /// for one that is only known to be in a network, and is to be shown as it is.
  [[nodiscard]] std::optional<std::string_view> address(const net::Address& address) const;

  /// "network.zone": of the host, or the one with the longest prefix. Nothing for addresses of this machine.
  [[nodiscard]] std::optional<std::string_view> network(const net::Address& address) const;

  /// Its zone, or kFirewall.
  [[nodiscard]] std::optional<std::string_view> zone(const net::Address& address) const;

  /// "group.network.zone" of each active group that a host with the address is in.
  [[nodiscard]] std::vector<std::string_view> groups(const net::Address& address) const;

  /// The name of the service: see ServiceTable::find(). Of ICMP the ports are type and code.
  [[nodiscard]] std::optional<std::string_view> service(net::Protocol protocol, std::uint16_t source,
                                                        std::uint16_t destination) const;

 private:
  /// A text in `texts_`.
  struct Text {
    std::uint32_t begin = 0, size = 0;
  };
  /// What an address is.
  struct Object {
    Text name{};
    Place network = kNowhere;  ///< kNowhere: this machine
    Place host = kNowhere;     ///< in the model, of a host
  };
  struct Network {
    Text name, zone;
  };

  class Builder;

  [[nodiscard]] std::string_view text(Text at) const { return std::string_view(texts_).substr(at.begin, at.size); }
  [[nodiscard]] const Object* object(const net::Address& address) const;
  [[nodiscard]] const Network* network_of(const net::Address& address, const Object* object) const;

  std::string texts_;
  std::vector<Object> objects_;
  std::vector<Network> networks_;
  BitsTable<Bits32> objects4_;
  BitsTable<Bits128> objects6_;
  PrefixTable<Bits32> networks4_;
  PrefixTable<Bits128> networks6_;
  std::vector<std::pair<Place, Text>> groups_;  ///< by hosts, sorted
  std::vector<Text> services_;
  ServiceTable service_table_;
};

}  // namespace vuurmuur::names
