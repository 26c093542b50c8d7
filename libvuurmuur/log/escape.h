// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::log {

/// Appends what others wrote (prefixes, names of devices) so that it can do no harm in a file or on a terminal: control
/// bytes, escape sequences, quotes, backslashes, what is not UTF-8, and characters that turn the direction of text stand as
/// "\x1b", byte by byte. Everything else stays as it is.
void append_escaped(std::string& out, std::string_view text);
[[nodiscard]] std::string escaped(std::string_view text);

/// Back; "\x" without two digits stays as it is.
[[nodiscard]] std::string unescaped(std::string_view text);

/// The same for a string of JSON, without its quotes: what has to be escaped there is, and what is not UTF-8 becomes
/// U+FFFD, so that every reader of JSON takes it.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace vuurmuur::log
