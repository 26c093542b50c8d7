// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <string>

namespace vuurmuur::screens {

/// A number in at most five columns: "0", "9999", "12.3k", "4.5M", "678G" (thousands).
[[nodiscard]] std::string short_number(double number);

/// "12 s", "3 min", "5 h", "2 d": how long ago something was, or how long it takes.
[[nodiscard]] std::string short_time(std::int64_t seconds);

}  // namespace vuurmuur::screens
