// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "apply/apply.h"

namespace vuurmuur::control {

/// {"engine", "family", "table", "chains": [{"name", "own", "policy", "packets", "bytes" of built-in chains, "rules":
/// [{"packets", "bytes", "text", "origin"}]}]}.
[[nodiscard]] nlohmann::ordered_json json_of(const apply::ListedTable& table);

/// Back from an array of what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<std::vector<apply::ListedTable>> tables_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
