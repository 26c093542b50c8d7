// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

#include "sema/policy.h"

namespace vuurmuur::analyse {

/// Why there is no packet that a rule would take or translate, for one that is known to have none: families that do not
/// meet, a service that the families do not have, a firewall without an address there. Empty when the reason is one
/// that sema::resolve() tells of (objects without addresses, interfaces that are none of an end's), or an interface
/// that is switched off, which is meant so.
[[nodiscard]] std::string why_empty(const sema::Policy& policy, const sema::Rule& rule);

}  // namespace vuurmuur::analyse
