// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/clock.h"
#include "history/journal.h"

namespace vuurmuur::control {

/// Something that whoever watches is told: a state of the state machine, or what happened to the rules.
struct StateEvent {
  /// "idle", "compiling", "checking", "applying", "awaiting confirmation", "confirmed", "rolled back", "refused",
  /// "cleared", "drifted" or "repaired".
  std::string what;
  std::optional<history::Number> generation;  ///< nothing while there is none yet
  std::int64_t time = 0;                      ///< seconds since 1970
  history::Actor who;
  std::string detail;  ///< why, for people; may be empty
  bool operator==(const StateEvent&) const = default;
};

/// The state as it is, told like an event.
[[nodiscard]] StateEvent current_state(const history::Journal& journal, const Clock& clock);

/// What happened between two readings of the journal, generation by generation.
[[nodiscard]] std::vector<StateEvent> events_between(const history::Journal& before, const history::Journal& after);

/// {"event", "generation": number or null, "time", "user", "uid", "from", "detail"}.
[[nodiscard]] nlohmann::ordered_json json_of(const StateEvent& event);
/// Back from what json_of() gave; nothing when it is something else.
[[nodiscard]] std::optional<StateEvent> event_from(const nlohmann::ordered_json& document);

}  // namespace vuurmuur::control
