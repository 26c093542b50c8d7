// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace vuurmuur::term {

/// The characters that the terminal can be given: those of the locale's charset (LC_CTYPE, which main() has set).
class Charset {
 public:
  /// That of the present locale.
  Charset();

  [[nodiscard]] bool is_utf8() const { return is_utf8_; }

  /// A cell's text (one grapheme in UTF-8) as it is sent into so many columns: itself where the charset and the C
  /// library's table of widths allow it; otherwise lines and boxes as '-', '|', '+', some symbols as what looks alike
  /// in ASCII, and all else as '?'. Never longer than curses' CCHARW_MAX, never empty.
  [[nodiscard]] std::wstring shown(std::string_view grapheme, int columns) const;

  /// A text of the locale's charset in UTF-8. Bytes that are no character of it stay as they are.
  [[nodiscard]] std::string to_utf8(std::string text) const;

 private:
  [[nodiscard]] bool has(wchar_t character) const;
  bool is_utf8_;
};

}  // namespace vuurmuur::term
