// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include "model/policy.h"
#include "reference/world.h"

namespace vuurmuur::reference {

/// Where in the machine a packet is looked at.
enum class Chain { Input, Forward, Output };

[[nodiscard]] Chain chain_of(const Packet& packet);

/// Everything that the ends of a rule are matched with.
struct Reading {
  const model::Policy& policy;
  const World& world;
  const model::Rule& rule;
};

/// Whether the rule stands in the chain at all (doc/semantics.md section 2).
[[nodiscard]] bool lands_in(const model::Rule& rule, Chain chain);

/// Whether the packet comes from the rule's FROM and, as far as they are known, fits in_int.
[[nodiscard]] bool from_matches(const Reading& reading, const Packet& packet);

/// Whether it goes to the rule's TO and fits out_int.
[[nodiscard]] bool to_matches(const Reading& reading, const Packet& packet);

/// Whether it is an answer to what the firewall sent to TO, a broadcast address.
[[nodiscard]] bool answers_broadcast(const Reading& reading, const Packet& packet);

/// Whether the source is one of FROM's addresses, its interface and MAC address not looked at.
[[nodiscard]] bool from_address_matches(const Reading& reading, const Packet& packet);

/// Whether the destination is one of TO's addresses, the interface not looked at.
[[nodiscard]] bool to_address_matches(const Reading& reading, const Packet& packet);

/// The interfaces of an end: those of its networks, or all active ones where it has none of its own.
[[nodiscard]] std::vector<const model::Interface*> interfaces_of_end(const model::Policy& policy,
                                                                     const model::Endpoint& end);

/// The interfaces of the networks of an end that an address of it is in; of an address for everyone, all of the end's.
[[nodiscard]] std::vector<const model::Interface*> interfaces_towards(const model::Policy& policy,
                                                                      const model::Endpoint& end,
                                                                      const net::Address& address);

/// Whether an address is the firewall's, on one of these interfaces, by this device.
[[nodiscard]] bool is_own_address(const World& world, const std::vector<const model::Interface*>& interfaces,
                                  const std::string& device, const net::Address& address);

/// Whether a packet goes to an address that REDIRECT sends to behind an interface of FROM: one of the interface, or
/// when that stands for several devices, of the device.
[[nodiscard]] bool arrives_redirected(const Reading& reading, const Packet& packet);

}  // namespace vuurmuur::reference
