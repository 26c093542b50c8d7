// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string_view>

#include "log/record.h"

namespace vuurmuur::log {

/// A moment as people write it: "10m" (ago; s, m, h, d, w), "22:51" or "22:51:07" (today), "2026-11-23", "2026-11-23 22:51",
/// "2026-11-23T22:51:07" in local time, with a "Z" behind it in UTC, "today", "yesterday", "now". Nothing when it is none.
[[nodiscard]] std::optional<Time> read_moment(std::string_view text, Time now);

}  // namespace vuurmuur::log
