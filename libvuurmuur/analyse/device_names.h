// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "analyse/box.h"

namespace vuurmuur::analyse {

/// A device as a number in which names that begin alike stand side by side; `is_beginning`: all whose names begin so.
/// Names have 15 letters at most (IFNAMSIZ, linux/if.h).
[[nodiscard]] Interval names_of_devices(std::string_view name, bool is_beginning);

/// The name that a number is of; empty for a number of none.
[[nodiscard]] std::string device_named(const Value& number);

}  // namespace vuurmuur::analyse
