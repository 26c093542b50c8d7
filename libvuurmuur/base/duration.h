// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::base {

/// "90s", "10m", "2h", "7d"; a number alone is seconds. Nothing when it is none of these, or 0.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// "1d 2h", "10m", "9m 58s": at most two units, rounded up to seconds.
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace vuurmuur::base
