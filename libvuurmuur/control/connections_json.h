// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "apply/connection_review.h"

namespace vuurmuur::control {

/// What the rules say of live connections: {"enforced", "kept", "ended", "changed", "undecided", "failed",
/// "connections": [{"what": keep, end, change or undecided, "error" when the kernel refused to change it, "connection":
/// as text, "family", "protocol", "original", "reply", "mark", "is", "shall_be" of a change, "rule", "place", "why"}]}.
[[nodiscard]] nlohmann::ordered_json json_of(const apply::ConnectionReport& report);

}  // namespace vuurmuur::control
