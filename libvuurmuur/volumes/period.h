// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vuurmuur::volumes {

/// How long the time is that is counted together. The numbers stand in files.
enum class Period : std::uint8_t { Minute = 0, Hour = 1, Day = 2, Month = 3 };
inline constexpr std::array kPeriods{Period::Minute, Period::Hour, Period::Day, Period::Month};

/// "minute", "hour", "day", "month".
[[nodiscard]] std::string_view to_string(Period period);
/// Back from to_string().
[[nodiscard]] std::optional<Period> period_named(std::string_view word);

/// When the period that a moment is in began; both in seconds since 1970. Days and months are those of the machine's
/// time zone (localtime(3)), minutes and hours those of UTC.
[[nodiscard]] std::int64_t start_of(Period period, std::int64_t time);

}  // namespace vuurmuur::volumes
