// SPDX-License-Identifier: GPL-2.0-or-later
#include "diag/width.h"

#include <algorithm>
#include <array>

namespace vuurmuur::diag {
namespace {

struct Block {
  char32_t first, last;
  std::uint8_t columns;
};

// Ascending.
constexpr std::array kBlocks{
    Block{0x0300, 0x036F, 0},   Block{0x0483, 0x0489, 0},   Block{0x0591, 0x05BD, 0}, Block{0x0610, 0x061A, 0},
    Block{0x064B, 0x065F, 0},   Block{0x1100, 0x115F, 2},   Block{0x1AB0, 0x1AFF, 0}, Block{0x1DC0, 0x1DFF, 0},
    Block{0x200B, 0x200F, 0},   Block{0x202A, 0x202E, 0},   Block{0x2060, 0x2064, 0}, Block{0x20D0, 0x20FF, 0},
    Block{0x2E80, 0x303E, 2},   Block{0x3041, 0xA4CF, 2},   Block{0xA960, 0xA97C, 2}, Block{0xAC00, 0xD7A3, 2},
    Block{0xF900, 0xFAFF, 2},   Block{0xFE00, 0xFE0F, 0},   Block{0xFE20, 0xFE2F, 0}, Block{0xFE30, 0xFE6F, 2},
    Block{0xFEFF, 0xFEFF, 0},   Block{0xFF00, 0xFF60, 2},   Block{0xFFE0, 0xFFE6, 2}, Block{0x1F300, 0x1F64F, 2},
    Block{0x1F900, 0x1F9FF, 2}, Block{0x20000, 0x3FFFD, 2},
};

std::uint32_t width_of(char32_t character) {
  const auto* block = std::ranges::lower_bound(kBlocks, character, {}, &Block::last);
  return block != kBlocks.end() && block->first <= character ? block->columns : 1;
}

std::uint8_t byte_at(std::string_view text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0) == 0x80; }

/// Length of the valid sequence (RFC 3629) that begins at `at`, and its character; length 0 for none.
std::uint32_t decode(std::string_view text, std::size_t at, char32_t& character) {
  const std::uint8_t lead = byte_at(text, at);
  std::uint32_t length = 0;
  if (lead < 0x80) return character = lead, 1;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() - at < length) return 0;
  character = lead & (0xFFu >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    if (!is_continuation(byte_at(text, at + i))) return 0;
    character = character << 6 | (byte_at(text, at + i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
  return character < kLeast[length] || character > 0x10FFFF || is_surrogate ? 0 : length;
}

}  // namespace

Glyph glyph_at(std::string_view text, std::size_t at) {
  char32_t character = 0;
  const std::uint32_t length = decode(text, at, character);
  if (length == 0) return {.bytes = 1, .columns = 1, .printable = false};
  const bool is_control = (character < 0x20 && character != '\t') || (character >= 0x7F && character < 0xA0);
  if (is_control) return {.bytes = length, .columns = 1, .printable = false};
  return {.bytes = length, .columns = character < 0x300 ? 1 : width_of(character), .printable = true};
}

bool is_inside_glyph(std::string_view text, std::size_t at) {
  if (at >= text.size() || !is_continuation(byte_at(text, at))) return false;
  for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
    if (is_continuation(byte_at(text, at - back))) continue;
    char32_t character = 0;
    return decode(text, at - back, character) > back;
  }
  return false;
}

std::uint32_t columns(std::string_view text, std::size_t begin, std::size_t end) {
  std::uint32_t count = 0;
  for (std::size_t at = begin; at < end;) {
    const std::uint8_t byte = byte_at(text, at);
    if (byte < 0x80) {
      ++count;
      ++at;
    } else if (is_inside_glyph(text, at)) {
      ++at;
    } else {
      const Glyph glyph = glyph_at(text, at);
      count += glyph.columns;
      at += glyph.bytes;
    }
  }
  return count;
}

}  // namespace vuurmuur::diag
