// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "volumes/store.h"

namespace vuurmuur::control {

/// Where the volumes are, in the state directory.
[[nodiscard]] std::string volumes_path(const std::string& state_directory);

/// {"by", "period", "volumes": [{"time", "name", "rule", "packets", "bytes", and "ipv4" and "ipv6" or "in" and "out"}],
/// "complete"}; rule: the number that a rule had last.
[[nodiscard]] nlohmann::ordered_json json_of(const volumes::Found& found, volumes::Kind by, volumes::Period period);
/// Back from what json_of() gave of that kind; nothing when it is something else.
[[nodiscard]] std::optional<volumes::Found> volumes_from(const nlohmann::ordered_json& document, volumes::Kind by);

}  // namespace vuurmuur::control
