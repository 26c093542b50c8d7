// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>

namespace vuurmuur::term {

/// What the terminal has of colours: the column of a theme.
enum class Colours : std::uint8_t { None, Eight, Many };

/// Attributes, to be combined. Curses leaves out what a terminal does not have.
enum Attribute : std::uint8_t { kPlain = 0, kBold = 1, kDim = 2, kUnderline = 4, kReverse = 8, kItalic = 16 };

/// The terminal's own colour.
inline constexpr int kDefaultColour = -1;

/// How a cell looks: colours by their number (0 to 7 are black, red, green, yellow, blue, magenta, cyan, white; up to
/// 255 as xterm has them), and attributes.
struct Look {
  int foreground = kDefaultColour, background = kDefaultColour;
  std::uint8_t attributes = kPlain;
  bool operator==(const Look&) const = default;
};

}  // namespace vuurmuur::term
