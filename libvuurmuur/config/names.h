// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace vuurmuur::config {

/// Whether a text can name an object, or one part of a full name: letters, digits, '_' and '-', any number of them.
[[nodiscard]] bool is_name(std::string_view text);

/// A text as messages show it: in quotes, cut where it is too long to be read.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace vuurmuur::config
