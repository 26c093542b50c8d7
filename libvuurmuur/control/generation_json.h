// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "control/clock.h"
#include "control/refused_configuration.h"
#include "history/journal.h"

namespace vuurmuur::control {

/// What programs are told of a generation: number, state, who began it, events.
[[nodiscard]] nlohmann::ordered_json json_of(const history::Generation& generation, const history::Journal& journal);

/// Back from what json_of() gave; throws what nlohmann throws, and std::invalid_argument.
[[nodiscard]] history::Generation generation_from(const nlohmann::ordered_json& document);

/// What is in force, as people and programs are told it.
struct Status {
  const char* state = "idle";  ///< "idle", "confirmed", "applying", "awaiting confirmation", "cleared"
  const history::Generation* in_force = nullptr;
  /// The newest generation when it is not in force: rolled back or refused.
  const history::Generation* newest = nullptr;
  const history::Event* drift = nullptr;     ///< when another program changed rules of it
  std::optional<std::int64_t> seconds_left;  ///< until it is taken back, none below 0; nothing when of another boot
};
[[nodiscard]] Status status_of(const history::Journal& journal, const Clock& clock);

/// {"state", "generation": {…} or null, "confirmed": number or null, "drift": what another program changed, or null,
/// "newest": {…} or null, "refused": a configuration that did not become a generation, or null, "waiting": what waits for
/// another program, or null, "seconds_left" while it waits to be confirmed}.
[[nodiscard]] nlohmann::ordered_json status_json(const history::Journal& journal, const Clock& clock,
                                                 const std::optional<RefusedConfiguration>& refused,
                                                 const std::optional<std::string>& waiting = {});

}  // namespace vuurmuur::control
