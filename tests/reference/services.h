// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <vector>

#include "model/policy.h"
#include "reference/world.h"

namespace vuurmuur::reference {

/// Whether a port set takes a packet (doc/semantics.md section 4).
[[nodiscard]] bool matches(const model::PortSet& set, const Packet& packet);

/// The port sets of a rule's service; `listen` ports, where the rule names some, stand instead of the destination
/// ports. Empty for "any", which takes every packet.
[[nodiscard]] std::vector<model::PortSet> port_sets(const model::Service& service,
                                                    const std::vector<net::PortRange>& instead);

/// Whether the rule's service takes a packet. `instead`: see port_sets.
[[nodiscard]] bool service_matches(const model::Policy& policy, const model::Rule& rule, const Packet& packet,
                                   const std::vector<net::PortRange>& instead = {});

/// The same for a packet that answers: source and destination ports turned round.
[[nodiscard]] bool service_matches_answer(const model::Policy& policy, const model::Rule& rule, const Packet& packet);

}  // namespace vuurmuur::reference
