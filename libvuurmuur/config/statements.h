// SPDX-License-Identifier: GPL-2.0-or-later
// The RULE statements of interfaces and networks: "protect against rp-filter", "accept dhcp-client",
// "protect against spoofing from class-a".
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "diag/diagnostic.h"
#include "model/objects.h"

namespace vuurmuur::config {

/// Sets what a statement of an interface asks for.
void read_interface_statement(const Value& statement, model::InterfaceProtections& protections, diag::Sink& sink);
/// The statements of these protections.
[[nodiscard]] std::vector<std::string> interface_statements(const model::InterfaceProtections& protections);

/// Adds what a statement of a network asks for.
void read_network_statement(const Value& statement, model::Network& network, diag::Sink& sink);
[[nodiscard]] std::vector<std::string> network_statements(const model::Network& network);

}  // namespace vuurmuur::config
