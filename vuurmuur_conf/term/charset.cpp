// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/charset.h"

#include <langinfo.h>

#include <climits>
#include <cwchar>

#include "diag/width.h"
#include "ui/key.h"

namespace vuurmuur::term {
namespace {

/// Curses' CCHARW_MAX: the characters in one cell.
constexpr std::size_t kMostCharacters = 5;

/// What stands for a character that the charset does not have: 0 when nothing looks like it.
wchar_t ascii_for(wchar_t character) {
  // Box drawing (U+2500..U+257F): rulers, uprights, and the rest, which are corners and crossings.
  if (character >= 0x2500 && character <= 0x257F) {
    static constexpr std::wstring_view kRulers = L"─━┄┅┈┉╌╍═╴╶╸╺╼╾", kUprights = L"│┃┆┇┊┋╎╏║╵╷╹╻╽╿";
    if (kRulers.find(character) != std::wstring_view::npos) return L'-';
    if (kUprights.find(character) != std::wstring_view::npos) return L'|';
    return character == L'╱' ? L'/' : character == L'╲' ? L'\\' : L'+';
  }
  // Block elements: an eighth to the whole of a cell, as sparklines are made of, and shades.
  if (character >= 0x2581 && character <= 0x2588) return L"_.-=+*%#"[character - 0x2581];
  if (character >= 0x2591 && character <= 0x2593) return L'#';
  struct Row {
    wchar_t character, ascii;
  };
  static constexpr Row kRows[] = {
      {L'…', L'~'}, {L'·', L'.'},      {L'•', L'*'}, {L'●', L'*'}, {L'○', L'o'},  {L'◆', L'*'},  {L'✓', L'v'},
      {L'✔', L'v'}, {L'✗', L'x'},      {L'✘', L'x'}, {L'×', L'x'}, {L'←', L'<'},  {L'→', L'>'},  {L'↑', L'^'},
      {L'↓', L'v'}, {L'▲', L'^'},      {L'▼', L'v'}, {L'△', L'^'}, {L'▽', L'v'},  {L'◀', L'<'},  {L'▶', L'>'},
      {L'▸', L'>'}, {L'◂', L'<'},      {L'▾', L'v'}, {L'▴', L'^'}, {L'›', L'>'},  {L'‹', L'<'},  {L'»', L'>'},
      {L'«', L'<'}, {L'–', L'-'},      {L'—', L'-'}, {L'−', L'-'}, {L'‘', L'\''}, {L'’', L'\''}, {L'“', L'"'},
      {L'”', L'"'}, {L'\u00a0', L' '},
  };
  for (const Row& row : kRows)
    if (row.character == character) return row.ascii;
  return 0;
}

/// The characters of a text that should be UTF-8; what is not is left out.
std::wstring characters_of(std::string_view text) {
  std::wstring characters;
  for (std::size_t at = 0; at < text.size();) {
    const diag::Glyph glyph = diag::glyph_at(text, at);
    const auto first = static_cast<unsigned char>(text[at]);
    if (glyph.printable) {
      unsigned value = glyph.bytes == 1 ? first : first & (0xFFu >> (glyph.bytes + 1));
      for (std::size_t next = at + 1; next < at + glyph.bytes; ++next)
        value = value << 6 | (static_cast<unsigned char>(text[next]) & 0x3Fu);
      characters += static_cast<wchar_t>(value);
    }
    at += glyph.bytes;
  }
  return characters;
}

}  // namespace

Charset::Charset() : is_utf8_(std::string_view(::nl_langinfo(CODESET)) == "UTF-8") {}

bool Charset::has(wchar_t character) const {
  char bytes[MB_LEN_MAX];
  std::mbstate_t state{};
  return std::wcrtomb(bytes, character, &state) != static_cast<std::size_t>(-1);
}

std::wstring Charset::shown(std::string_view grapheme, int columns) const {
  std::wstring characters = characters_of(grapheme);
  // Blanks fill the columns that what is shown instead does not take.
  const auto alone = [columns](wchar_t character) {
    return std::wstring(1, character) + std::wstring(columns > 1 ? static_cast<std::size_t>(columns) - 1 : 0, L' ');
  };
  if (characters.empty()) return alone(L'?');
  const wchar_t base = characters.front();
  if (has(base) && ::wcwidth(base) == 1 && columns > 1) return alone(base);
  if (!has(base) || ::wcwidth(base) != columns) {
    const wchar_t ascii = ascii_for(base);
    return alone(ascii != 0 ? ascii : L'?');
  }
  // A cell takes marks only, and so many; one that the C library knows as a character of its own would make two cells.
  std::size_t size = 1;
  while (size < characters.size() && size < kMostCharacters && has(characters[size]) &&
         ::wcwidth(characters[size]) == 0)
    ++size;
  characters.resize(size);
  return characters;
}

std::string Charset::to_utf8(std::string text) const {
  if (is_utf8_) return text;
  std::string result;
  result.reserve(text.size());
  std::mbstate_t state{};
  for (std::size_t at = 0; at < text.size();) {
    wchar_t character = 0;
    const std::size_t bytes = std::mbrtowc(&character, text.data() + at, text.size() - at, &state);
    if (bytes == static_cast<std::size_t>(-1) || bytes == static_cast<std::size_t>(-2) || bytes == 0) {
      result += text[at++];
      state = {};
      continue;
    }
    result += ui::utf8(static_cast<char32_t>(character));
    at += bytes;
  }
  return result;
}

}  // namespace vuurmuur::term
