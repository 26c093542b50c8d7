// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <fmt/format.h>
#include <libintl.h>

#include <string>

namespace vuurmuur::ui {

/// The text in the user's language (gettext(3)), or itself. What is looked up, compared or sent is never translated.
[[nodiscard]] inline const char* tr(const char* text) { return ::gettext(text); }
/// The form of a text for so many things (ngettext(3)).
[[nodiscard]] inline const char* tr_count(const char* one, const char* many, long count) {
  return ::ngettext(one, many, static_cast<unsigned long>(count));
}

/// A translated text with its "{}" filled in. One whose catalogue has it wrong is shown as it is.
template <class... Args>
[[nodiscard]] std::string fill(const char* text, const Args&... args) {
  try {
    return fmt::vformat(text, fmt::make_format_args(args...));
  } catch (const fmt::format_error&) {
    return text;
  }
}

/// Marks a text of a table for the catalogues; tr() is called where it is shown.
[[nodiscard]] constexpr const char* to_translate(const char* text) { return text; }

}  // namespace vuurmuur::ui
