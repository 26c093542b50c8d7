// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/policy.h"
#include "reference/world.h"

namespace vuurmuur::reference {

/// Looks an object up by its full name; null when there is none.
[[nodiscard]] const model::Interface* find_interface(const model::Policy& policy, std::string_view name);
[[nodiscard]] const model::Service* find_service(const model::Policy& policy, std::string_view name);
[[nodiscard]] const model::Network* find_network(const model::Policy& policy, std::string_view full_name);

/// Name of the device behind an interface, without an alias label.
[[nodiscard]] std::string device_of(const model::Interface& interface);

/// Whether an interface is that device, or one of several that begin so ("ppp+").
[[nodiscard]] bool stands_for(const model::Interface& interface, std::string_view device);

/// The addresses of a family that the interface has, or has at the moment where it is dynamic: on one of the devices
/// that it stands for, when it stands for several.
[[nodiscard]] std::vector<net::Address> addresses_of(const model::Interface& interface, net::Family family,
                                                     const World& world, const std::string& on = {});

/// The active interfaces of a network.
[[nodiscard]] std::vector<const model::Interface*> interfaces_of(const model::Policy& policy,
                                                                 const model::Network& network);

/// Active itself, in an active zone, with an active interface.
[[nodiscard]] bool is_active(const model::Policy& policy, const model::Network& network);

/// The IPv4 broadcast addresses of a network.
[[nodiscard]] std::vector<net::Address> broadcasts_of(const model::Network& network);

/// Addresses behind the interfaces of one network.
struct Part {
  const model::Network* network = nullptr;
  std::vector<net::Prefix> prefixes;
  std::optional<net::MacAddress> mac;
};

/// What a zone, network, host or group stands for; nothing when it or a parent of it is inactive.
[[nodiscard]] std::vector<Part> parts_of(const model::Policy& policy, const model::Endpoint& endpoint);

/// Addresses on the blocklist.
[[nodiscard]] std::vector<net::Prefix> blocked(const model::Policy& policy);

}  // namespace vuurmuur::reference
