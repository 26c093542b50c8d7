// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::ui {

/// A character with the marks that are put on it, as it is shown, and the columns that it takes: 1 or 2. The text is
/// that of the caller, or lives as long as the call.
struct Grapheme {
  std::string_view text;
  int columns = 1;
};

/// Calls `use` for each grapheme of a text that should be UTF-8. What could drive the terminal is shown, not sent:
/// a control character as "\x1b", a byte that is not UTF-8 as "\xff", what turns the order of writing around by its
/// bytes as well, line ends and tabs as one blank.
void for_each_grapheme(std::string_view text, const std::function<void(const Grapheme&)>& use);

/// The columns that a text takes.
[[nodiscard]] int columns_of(std::string_view text);

/// The text cut to so many columns; where something is left out its last column is '…'.
[[nodiscard]] std::string cut(std::string_view text, int columns);

/// The text in lines of at most so many columns, broken between words where there are any.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, int columns);

/// The byte at which the grapheme before byte `at` begins (0 at the beginning), and at which the next one begins.
[[nodiscard]] std::size_t before(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t after(std::string_view text, std::size_t at);

}  // namespace vuurmuur::ui
