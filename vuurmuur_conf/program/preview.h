// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/workspace.h"

namespace vuurmuur::conf {

/// The kernel rules that a rule of the policy becomes, as iptables writes them, by family, table and chain.
[[nodiscard]] std::vector<std::string> kernel_rules_of(const app::Reading& reading, std::uint32_t rule);

}  // namespace vuurmuur::conf
