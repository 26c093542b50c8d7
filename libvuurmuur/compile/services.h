// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "ir/ruleset.h"
#include "sema/policy.h"

namespace vuurmuur::compile {

/// A protocol and the match for its ports or type.
struct ServiceCondition {
  std::optional<net::Protocol> protocol;
  std::optional<ir::Match> match;
};

/// The alternatives of a rule's service in a family; one without conditions for "any". With `destination_ports` the TCP
/// and UDP alternatives have those ports instead of the service's, and there are no others.
[[nodiscard]] std::vector<ServiceCondition> service_conditions(
    const sema::Rule& rule, net::Family family, const std::vector<net::PortRange>* destination_ports = nullptr);

/// Every end condition with every service condition.
[[nodiscard]] std::vector<ir::Rule> combine(std::vector<ir::Rule> ends,
                                            const std::vector<ServiceCondition>& services);

}  // namespace vuurmuur::compile
