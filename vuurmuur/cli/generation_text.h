// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <expected>
#include <string>

#include "control/generation_json.h"
#include "history/journal.h"

namespace vuurmuur::cli {

using control::json_of;

/// "ann from 192.0.2.7".
[[nodiscard]] std::string text_of(const history::Actor& who);

/// "2026-11-25 16:31:07", local time.
[[nodiscard]] std::string text_of_time(std::int64_t seconds);

/// "applied, waits to be confirmed", "confirmed, in force", "rolled back".
[[nodiscard]] std::string state_text(const history::Generation& generation, const history::Journal& journal);

/// Reads the number of a generation that the journal has; the error is a message for the user.
[[nodiscard]] std::expected<history::Number, std::string> read_number(const std::string& word,
                                                                      const history::Journal& journal);

}  // namespace vuurmuur::cli
