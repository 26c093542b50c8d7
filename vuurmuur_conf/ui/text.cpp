// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/text.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "diag/width.h"

namespace vuurmuur::ui {
namespace {

/// Characters that a terminal does not show but that change the order or the look of others: Unicode's bidirectional
/// controls (UAX #9), joiners and the byte order mark, in UTF-8 from 0xE2 0x80 0x8B on.
bool is_invisible(std::string_view glyph) {
  if (glyph == "\xEF\xBB\xBF") return true;
  if (glyph.size() != 3 || glyph[0] != '\xE2') return false;
  const auto second = static_cast<std::uint8_t>(glyph[1]), third = static_cast<std::uint8_t>(glyph[2]);
  if (second == 0x80) return (third >= 0x8B && third <= 0x8F) || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA0 && third <= 0xAF;
}

std::string shown_bytes(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
  return text;
}

/// Bytes of the grapheme that begins at `at`: a glyph and the marks behind it that take no column.
std::size_t bytes_at(std::string_view text, std::size_t at) {
  const diag::Glyph first = diag::glyph_at(text, at);
  std::size_t end = at + first.bytes;
  if (!first.printable) return first.bytes;
  while (end < text.size()) {
    const diag::Glyph next = diag::glyph_at(text, end);
    if (!next.printable || next.columns != 0 || is_invisible(text.substr(end, next.bytes))) break;
    end += next.bytes;
  }
  return end - at;
}

}  // namespace

void for_each_grapheme(std::string_view text, const std::function<void(const Grapheme&)>& use) {
  for (std::size_t at = 0; at < text.size();) {
    const diag::Glyph glyph = diag::glyph_at(text, at);
    const std::string_view first = text.substr(at, glyph.bytes);
    if (first == "\n" || first == "\t" || first == "\r") {
      use({.text = " ", .columns = 1});
      at += 1;
    } else if (!glyph.printable || is_invisible(first)) {
      const std::string shown = shown_bytes(first);
      for (const char& character : shown) use({.text = {&character, 1}, .columns = 1});
      at += glyph.bytes;
    } else {
      const std::size_t bytes = bytes_at(text, at);
      // A mark without a character before it stands on a blank.
      if (glyph.columns == 0) {
        const std::string on_blank = " " + std::string(text.substr(at, bytes));
        use({.text = on_blank, .columns = 1});
      } else {
        use({.text = text.substr(at, bytes), .columns = static_cast<int>(glyph.columns)});
      }
      at += bytes;
    }
  }
}

int columns_of(std::string_view text) {
  int columns = 0;
  for_each_grapheme(text, [&columns](const Grapheme& grapheme) { columns += grapheme.columns; });
  return columns;
}

std::string cut(std::string_view text, int columns) {
  if (columns <= 0) return {};
  std::string shown;
  int used = 0;
  std::size_t size_before_last = 0;
  bool is_cut = false;
  for_each_grapheme(text, [&](const Grapheme& grapheme) {
    if (is_cut) return;
    if (used + grapheme.columns > columns) {
      is_cut = true;
      return;
    }
    // Where "…" can still be put behind, should the next one have no room.
    if (used + grapheme.columns < columns) size_before_last = shown.size() + grapheme.text.size();
    shown += grapheme.text;
    used += grapheme.columns;
  });
  if (!is_cut) return shown;
  shown.resize(size_before_last);
  return shown + "…";
}

std::vector<std::string> wrap(std::string_view text, int columns) {
  std::vector<std::string> lines;
  std::string line;
  int used = 0;
  std::size_t last_blank = std::string::npos;  // in the line
  for_each_grapheme(text, [&](const Grapheme& grapheme) {
    if (used + grapheme.columns > columns && !line.empty()) {
      if (grapheme.text == " ") {
        lines.push_back(std::exchange(line, {}));
      } else if (last_blank != std::string::npos) {
        lines.push_back(line.substr(0, last_blank));
        line.erase(0, last_blank + 1);
      } else {
        lines.push_back(std::exchange(line, {}));
      }
      used = columns_of(line);
      last_blank = std::string::npos;
      if (grapheme.text == " " && line.empty()) return;
    }
    if (grapheme.text == " ") last_blank = line.size();
    line += grapheme.text;
    used += grapheme.columns;
  });
  lines.push_back(std::move(line));
  return lines;
}

std::size_t after(std::string_view text, std::size_t at) {
  return at >= text.size() ? text.size() : at + bytes_at(text, at);
}

std::size_t before(std::string_view text, std::size_t at) {
  // From the beginning of a run that is short enough for any grapheme a person types; fields are small.
  std::size_t last = 0;
  for (std::size_t next = 0; next < at; next = after(text, next)) last = next;
  return last;
}

}  // namespace vuurmuur::ui
