// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::base {

/// A run of lines that differ, with unchanged ones around it, as diff -u prints it.
struct Hunk {
  std::size_t before_line = 0, before_count = 0;  ///< the first line from 1; that before it when there is none
  std::size_t after_line = 0, after_count = 0;
  /// Each with ' ', '-' or '+' in front and without its end of line; behind a last line that has no end of line stands
  /// "\ No newline at end of file".
  std::vector<std::string> lines;
  bool operator==(const Hunk&) const = default;
};

/// The differences between two texts, line by line: as few lines as there can be, or nearly so where much differs.
/// Takes time for the differences, not for the lines, so that rulesets of 100,000 lines can be held against each other.
[[nodiscard]] std::vector<Hunk> diff_lines(std::string_view before, std::string_view after, std::size_t context = 3);

/// "@@ -1,4 +1,5 @@".
[[nodiscard]] std::string header_of(const Hunk& hunk);

}  // namespace vuurmuur::base
