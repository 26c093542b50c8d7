// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vuurmuur::base {

/// Number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other
/// (optimal string alignment); counting stops at limit + 1.
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b, unsigned limit);

/// The candidate to offer as "did you mean": the closest within 3 edits and less than the word's own length,
/// ASCII case ignored; the first of equals. Nothing when none is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace vuurmuur::base
