// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <map>
#include <utility>

#include "term/terminal.h"
#include "term/theme.h"
#include "ui/canvas.h"

namespace vuurmuur::term {

/// Puts frames on the terminal, each with one update of it: curses sends what has changed since the last one.
class Painter {
 public:
  explicit Painter(Terminal& terminal, const Theme& theme = Theme::standard());

  /// Shows a frame: what of it lies in the terminal, blanks where it does not reach. The hardware cursor is at the
  /// frame's, or hidden; it is what screen readers follow.
  void paint(const ui::Frame& frame);

  /// From the next frame on.
  void set_theme(const Theme& theme);

 private:
  /// A style as curses has it: attr_t and a pair of colours.
  struct Ink {
    unsigned attributes = 0;
    short pair = 0;
  };

  [[nodiscard]] short pair_of(int foreground, int background);
  [[nodiscard]] const Ink& ink_of(ui::Style style) const {
    return inks_[static_cast<std::size_t>(style.role)][style.is_selected ? 1 : 0];
  }

  Terminal* terminal_;
  bool has_default_colours_ = false;
  std::map<std::pair<int, int>, short> pairs_;  ///< by foreground and background
  std::array<std::array<Ink, 2>, ui::kRoles> inks_{};
  bool is_cursor_shown_ = true;
};

}  // namespace vuurmuur::term
