// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "model/policy.h"
#include "reference/world.h"

namespace vuurmuur::reference {

/// A destination that a rule gives to a packet.
struct NewDestination {
  net::Address address;
  std::vector<net::PortRange> ports;  ///< any of these; empty: as it was
};

/// What portfw, dnat, redirect and bounce rules make of the first packet of a connection that comes in.
[[nodiscard]] std::optional<NewDestination> new_destination(const model::Policy& policy, const World& world,
                                                            const Packet& packet);

/// The source that snat, masq and bounce rules give to the first packet of a connection that leaves.
[[nodiscard]] std::optional<net::Address> new_source(const model::Policy& policy, const World& world,
                                                     const Packet& packet);

/// Whether the rule is active and its service is.
[[nodiscard]] bool is_in_force(const model::Policy& policy, const model::Rule& rule);

/// The ports of a list option, or none.
[[nodiscard]] std::vector<net::PortRange> ports_of(
    const std::optional<model::Located<std::vector<net::PortRange>>>& option);

}  // namespace vuurmuur::reference
