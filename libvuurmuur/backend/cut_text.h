// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>

namespace vuurmuur::backend {

/// `text` cut to at most `size` bytes, not within a UTF-8 character.
inline void cut_text(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  while (size > 0 && continues(size)) --size;
  text.resize(size);
}

}  // namespace vuurmuur::backend
