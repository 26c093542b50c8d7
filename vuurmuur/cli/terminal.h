// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string_view>

#include "diag/render.h"

namespace vuurmuur::cli {

enum class Colour { Auto, Always, Never };

/// The value of --colour; nothing when it is none of auto, always, never.
[[nodiscard]] std::optional<Colour> parse_colour(std::string_view text);

/// How to write to a file descriptor: in colour when asked to, or with `Auto` on a terminal that is not "dumb" while
/// NO_COLOR is unset or empty (https://no-color.org).
[[nodiscard]] diag::Style style_for(Colour wish, int descriptor);

/// Whether a descriptor leads to a person.
[[nodiscard]] bool is_terminal(int descriptor);

}  // namespace vuurmuur::cli
