// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "control/blocks.h"

namespace vuurmuur::control {

/// An address alone, or a network with its length.
[[nodiscard]] std::string prefix_text(const net::Prefix& prefix);

/// {"address", "seconds_left": rounded up, or null}.
[[nodiscard]] nlohmann::ordered_json json_of(const Block& block);

/// {"address", "to", "seconds_left"}.
[[nodiscard]] nlohmann::ordered_json json_of(const Baited& baited);

/// Back from an array of those; nothing when it is something else.
[[nodiscard]] std::optional<std::vector<Baited>> baited_from(const nlohmann::ordered_json& document);

/// Back from an array of what json_of() gave of blocks; nothing when it is something else.
[[nodiscard]] std::optional<std::vector<Block>> blocks_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
