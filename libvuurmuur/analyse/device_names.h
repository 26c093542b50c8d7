// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "analyse/box.h"

namespace vuurmuur::analyse {

/// A device as a number in which names that begin alike stand side by side; `is_beginning`: all whose names begin so.
/// Names have 15 letters at most (IFNAMSIZ, linux/if.h).
[[nodiscard]] Interval names_of_devices(std::string_view name, bool is_beginning);

/// A name whose number is among these; empty when none was found.
[[nodiscard]] std::string device_among(const Interval& numbers);

}  // namespace vuurmuur::analyse
