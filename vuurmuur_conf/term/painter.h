// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "term/terminal.h"
#include "term/theme.h"
#include "ui/canvas.h"

namespace vuurmuur::term {

/// Puts frames on the terminal, each with one update of it: rows that are as in the last frame are left alone, and
/// curses sends what has changed of the others.
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

  void paint_row(const ui::Frame& frame, int row, int columns);
  [[nodiscard]] const std::wstring& shown(const std::string& text, int columns);

  Terminal* terminal_;
  std::optional<ui::Frame> last_;  ///< what stands in curses' window
  std::unordered_map<std::string, std::wstring>
      shown_[2];     ///< by columns; what Charset says of texts that are not ASCII
  ui::Size window_;  ///< of curses' window then
  bool has_default_colours_ = false;
  std::map<std::pair<int, int>, short> pairs_;  ///< by foreground and background
  std::array<std::array<Ink, 2>, ui::kRoles> inks_{};
  bool is_cursor_shown_ = true;
};

}  // namespace vuurmuur::term
