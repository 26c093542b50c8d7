// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

namespace vuurmuur::backend {

/// How many of the bytes of `text` are left when it is cut to at most `size`, not within a UTF-8 character.
[[nodiscard]] inline std::size_t cut_size(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text.size();
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  while (size > 0 && continues(size)) --size;
  return size;
}

/// `text` cut to at most `size` bytes, not within a UTF-8 character.
inline void cut_text(std::string& text, std::size_t size) { text.resize(cut_size(text, size)); }

}  // namespace vuurmuur::backend
