// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <string_view>

namespace vuurmuur::history {

/// A place in a text, counted from 1; the column in bytes.
struct TextPlace {
  std::size_t line = 1, column = 1;
  bool operator==(const TextPlace&) const = default;
};

/// Of a byte, counted from 0. Behind the end it is the end.
[[nodiscard]] TextPlace place_of_byte(std::string_view text, std::size_t byte);

/// Where a value begins in a text that is JSON. `path` as people write it: "generations[3].events[0].what"; empty for the
/// whole. The beginning of the text when there is no such value.
[[nodiscard]] TextPlace place_of_value(std::string_view json, std::string_view path);

}  // namespace vuurmuur::history
