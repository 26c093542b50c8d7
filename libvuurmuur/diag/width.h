// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vuurmuur::diag {

/// What begins at one byte of a text that should be UTF-8.
struct Glyph {
  std::uint32_t bytes = 1;    ///< its length
  std::uint32_t columns = 1;  ///< columns it takes on a terminal: 0, 1 or 2; a tab counts as one
  bool printable = true;      ///< false: a control character or a byte that is not UTF-8, to be shown as '?'
};

/// The glyph that begins at byte `at`, which must lie in the text and not inside a valid UTF-8 sequence. Width after
/// Unicode's East Asian Width (UAX #11) and the combining marks, in coarse blocks.
[[nodiscard]] Glyph glyph_at(std::string_view text, std::size_t at);

/// Whether a byte continues a valid UTF-8 sequence that begins before it.
[[nodiscard]] bool is_inside_glyph(std::string_view text, std::size_t at);

/// Columns of the glyphs that begin in bytes [begin, end).
[[nodiscard]] std::uint32_t columns(std::string_view text, std::size_t begin, std::size_t end);

}  // namespace vuurmuur::diag
