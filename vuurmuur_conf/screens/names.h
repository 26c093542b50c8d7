// SPDX-License-Identifier: GPL-2.0-or-later
// The names that a policy has, to choose from.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/policy.h"
#include "screens/picker.h"

namespace vuurmuur::screens {

/// What a rule can name as its source or destination, each with what it is; broadcast addresses as destination only.
[[nodiscard]] std::vector<Choice> endpoint_choices(const model::Policy& policy, bool is_destination);
/// "any" and the services with their ports.
[[nodiscard]] std::vector<Choice> service_choices(const model::Policy& policy);
/// The shipped services that a policy has not, by the texts of their files.
[[nodiscard]] std::vector<Choice> shipped_service_choices(const model::Policy& policy,
                                                          const std::map<std::string, std::string>& shipped);
/// Interfaces with their devices.
[[nodiscard]] std::vector<Choice> interface_choices(const model::Policy& policy);

/// A port set in a line: "tcp 80", "udp 1024-65535→53", "icmp 8/0".
[[nodiscard]] std::string text_of(const model::PortSet& ports);

}  // namespace vuurmuur::screens
