// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

#include "app/daemon.h"

namespace vuurmuur::screens {

/// "2026-11-26 02:10": seconds since 1970 in the time of this place; empty for 0.
[[nodiscard]] std::string date_time(std::int64_t seconds);

/// "anna from 192.0.2.7".
[[nodiscard]] std::string who_of(const app::EventEntry& event);

/// A state of a generation, or what happened to it ("rolled back"), in the user's language.
[[nodiscard]] std::string state_name(const std::string& state);

/// The event that made a generation what it is: the last one of its states; null when it has none.
[[nodiscard]] const app::EventEntry* state_event(const app::Generation& generation);

}  // namespace vuurmuur::screens
