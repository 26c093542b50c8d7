// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <cstddef>

namespace vuurmuur::backend {

/// xt_comment.h: 256 bytes with the final NUL.
inline constexpr std::size_t kMaxComment = 255;

/// How a byte of an origin's label stands in a rule's comment. Escaping is not the same in all versions of iptables, and
/// a line break would end the line.
inline constexpr std::array<char, 256> kCommentChars = [] {
  std::array<char, 256> chars{};
  for (std::size_t c = 0; c < chars.size(); ++c)
    chars[c] = c < 0x20 || c == 0x7f ? ' ' : c == '"' || c == '\'' || c == '\\' ? '_' : static_cast<char>(c);
  return chars;
}();

[[nodiscard]] inline char comment_char(char c) { return kCommentChars[static_cast<unsigned char>(c)]; }

}  // namespace vuurmuur::backend
