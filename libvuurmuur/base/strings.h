// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vuurmuur::base {

/// Text without blanks and tabs at both ends (and without a carriage return at the end).
[[nodiscard]] std::string_view trim(std::string_view text);

/// Whether two texts are equal when ASCII letters count without case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

/// ASCII lower case.
[[nodiscard]] std::string to_lower(std::string_view text);

/// The pieces between separators; empty pieces are kept, so "a,,b" gives three and "" gives one.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// Pieces joined by a separator.
[[nodiscard]] std::string join(std::span<const std::string> pieces, std::string_view separator);

/// The number that the whole text is, in the given base; nothing when it is not one or does not fit.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int radix = 10) {
  T value{};
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value, radix);
  if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return value;
}

/// The number that a text is in decimal, or in hexadecimal with "0x" in front.
[[nodiscard]] std::optional<unsigned long long> parse_unsigned(std::string_view text);

}  // namespace vuurmuur::base
