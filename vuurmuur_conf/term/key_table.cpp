// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/key_table.h"

#include <fmt/format.h>

#include <array>

#include "term/curses.h"

namespace vuurmuur::term {
namespace {

using ui::Key;
using ui::KeyCode;

constexpr int kFunctionKeys = 12;

constexpr KeyCode function_key(int number) { return static_cast<KeyCode>(static_cast<int>(KeyCode::F1) + number - 1); }

/// Of xterm's parameter for modifiers, which is 1 + shift + 2 * alt + 4 * ctrl (XTerm Control Sequences, "PC-Style
/// Function Keys").
Key with_modifiers(KeyCode code, int parameter) {
  const int bits = parameter - 1;
  return {.code = code, .ctrl = (bits & 4) != 0, .alt = (bits & 2) != 0, .shift = (bits & 1) != 0};
}

/// Keys whose sequence ends with a letter: "\033[A", "\033OA", "\033[1;5A".
constexpr struct {
  char letter;
  KeyCode code;
} kLetters[] = {
    {'A', KeyCode::Up},  {'B', KeyCode::Down}, {'C', KeyCode::Right}, {'D', KeyCode::Left}, {'H', KeyCode::Home},
    {'F', KeyCode::End}, {'P', KeyCode::F1},   {'Q', KeyCode::F2},    {'R', KeyCode::F3},   {'S', KeyCode::F4},
};

/// Keys whose sequence is a number: "\033[3~", "\033[3;5~" (the numbers are DEC's of the VT220, and xterm's).
constexpr struct {
  int number;
  KeyCode code;
} kNumbers[] = {
    {1, KeyCode::Home},     {2, KeyCode::Insert}, {3, KeyCode::Delete}, {4, KeyCode::End},  {5, KeyCode::PageUp},
    {6, KeyCode::PageDown}, {7, KeyCode::Home},   {8, KeyCode::End},    {11, KeyCode::F1},  {12, KeyCode::F2},
    {13, KeyCode::F3},      {14, KeyCode::F4},    {15, KeyCode::F5},    {17, KeyCode::F6},  {18, KeyCode::F7},
    {19, KeyCode::F8},      {20, KeyCode::F9},    {21, KeyCode::F10},   {23, KeyCode::F11}, {24, KeyCode::F12},
};

/// The numeric pad in application mode (SS3, VT100 User Guide, table 3-8).
constexpr struct {
  char letter, character;
} kPad[] = {
    {'j', '*'}, {'k', '+'}, {'l', ','}, {'m', '-'}, {'n', '.'}, {'o', '/'}, {'p', '0'}, {'q', '1'}, {'r', '2'},
    {'s', '3'}, {'t', '4'}, {'u', '5'}, {'v', '6'}, {'w', '7'}, {'x', '8'}, {'y', '9'}, {'X', '='},
};

/// Keys that terminfo names with a modifier, by rows of one code.
constexpr struct {
  int curses;
  KeyCode code;
  bool has_shift;
} kNamed[] = {
    {KEY_UP, KeyCode::Up, false},
    {KEY_DOWN, KeyCode::Down, false},
    {KEY_LEFT, KeyCode::Left, false},
    {KEY_RIGHT, KeyCode::Right, false},
    {KEY_HOME, KeyCode::Home, false},
    {KEY_END, KeyCode::End, false},
    {KEY_PPAGE, KeyCode::PageUp, false},
    {KEY_NPAGE, KeyCode::PageDown, false},
    {KEY_IC, KeyCode::Insert, false},
    {KEY_DC, KeyCode::Delete, false},
    {KEY_BACKSPACE, KeyCode::Backspace, false},
    {KEY_ENTER, KeyCode::Enter, false},
    {KEY_BTAB, KeyCode::Tab, true},
    {KEY_SR, KeyCode::Up, true},
    {KEY_SF, KeyCode::Down, true},
    {KEY_SLEFT, KeyCode::Left, true},
    {KEY_SRIGHT, KeyCode::Right, true},
    {KEY_SHOME, KeyCode::Home, true},
    {KEY_SEND, KeyCode::End, true},
    {KEY_SPREVIOUS, KeyCode::PageUp, true},
    {KEY_SNEXT, KeyCode::PageDown, true},
    {KEY_SIC, KeyCode::Insert, true},
    {KEY_SDC, KeyCode::Delete, true},
    // The corners of a numeric pad, and Find and Select, which stand where others have Home and End.
    {KEY_A1, KeyCode::Home, false},
    {KEY_A3, KeyCode::PageUp, false},
    {KEY_C1, KeyCode::End, false},
    {KEY_C3, KeyCode::PageDown, false},
    {KEY_FIND, KeyCode::Home, false},
    {KEY_SELECT, KeyCode::End, false},
};

}  // namespace

std::vector<KeySequence> key_sequences() {
  std::vector<KeySequence> sequences;
  const auto add = [&sequences](std::string bytes, Key key) { sequences.push_back({std::move(bytes), key}); };
  for (const auto& [letter, code] : kLetters) {
    // "\033[P" is Pause on some consoles; F1 to F4 are "\033OP" everywhere.
    if (code < KeyCode::F1) add(fmt::format("\033[{}", letter), {.code = code});
    add(fmt::format("\033O{}", letter), {.code = code});
    for (int modifiers = 2; modifiers <= 8; ++modifiers)
      add(fmt::format("\033[1;{}{}", modifiers, letter), with_modifiers(code, modifiers));
  }
  for (const auto& [number, code] : kNumbers) {
    add(fmt::format("\033[{}~", number), {.code = code});
    for (int modifiers = 2; modifiers <= 8; ++modifiers)
      add(fmt::format("\033[{};{}~", number, modifiers), with_modifiers(code, modifiers));
    // rxvt: '^' with ctrl, '$' with shift, '@' with both.
    add(fmt::format("\033[{}^", number), {.code = code, .ctrl = true});
    add(fmt::format("\033[{}$", number), {.code = code, .shift = true});
    add(fmt::format("\033[{}@", number), {.code = code, .ctrl = true, .shift = true});
  }
  // rxvt's cursor keys: "\033[a" with shift, "\033Oa" with ctrl.
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    static constexpr KeyCode kCursor[] = {KeyCode::Up, KeyCode::Down, KeyCode::Right, KeyCode::Left};
    const KeyCode code = kCursor[letter - 'a'];
    add(fmt::format("\033[{}", letter), {.code = code, .shift = true});
    add(fmt::format("\033O{}", letter), {.code = code, .ctrl = true});
  }
  // The Linux console: "\033[[A" to "\033[[E" are F1 to F5; F13 to F20 are what shift makes of F1 to F8.
  for (int number = 1; number <= 5; ++number)
    add(fmt::format("\033[[{}", static_cast<char>('A' + number - 1)), {.code = function_key(number)});
  static constexpr int kShifted[] = {25, 26, 28, 29, 31, 32, 33, 34};
  for (int number = 1; number <= static_cast<int>(std::size(kShifted)); ++number)
    add(fmt::format("\033[{}~", kShifted[number - 1]), {.code = function_key(number), .shift = true});
  add("\033[Z", {.code = KeyCode::Tab, .shift = true});
  add("\033OM", {.code = KeyCode::Enter});
  for (const auto& [letter, character] : kPad)
    add(fmt::format("\033O{}", letter), Key::of(static_cast<char32_t>(character)));
  return sequences;
}

std::optional<ui::Key> key_of_curses(int code) {
  for (const auto& row : kNamed)
    if (row.curses == code) return Key{.code = row.code, .shift = row.has_shift};
  if (code == KEY_B2) return Key::of(U'5');
  // Terminfo counts on: F13 is F1 with shift, F25 with ctrl, F37 with both, F49 with alt, F61 with alt and shift.
  if (code > KEY_F0 && code <= KEY_F(63)) {
    static constexpr int kModifiers[] = {1, 2, 5, 6, 3, 4};
    const int number = code - KEY_F0 - 1;
    return with_modifiers(function_key(number % kFunctionKeys + 1), kModifiers[number / kFunctionKeys]);
  }
  return std::nullopt;
}

}  // namespace vuurmuur::term
