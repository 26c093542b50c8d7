// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string_view>

namespace vuurmuur::screens {

/// Whether a text has all the words of a filter, whatever their case; "!word" is one that it must not have.
[[nodiscard]] bool has_words(std::string_view text, std::string_view filter);

}  // namespace vuurmuur::screens
