// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ui/geometry.h"
#include "ui/style.h"

namespace vuurmuur::ui {

/// What stands in a cell.
struct Cell {
  std::string text = " ";  ///< one grapheme; empty: the right half of a wide one
  Style style;
  bool operator==(const Cell&) const = default;
};

/// A part of the screen that does something when it is clicked.
struct Region {
  Rect rect;
  std::string action;  ///< id of a binding, or empty: the item is chosen
  int item = -1;       ///< of the list there, or -1
};

/// A whole screen: cells, where the cursor is, and what can be clicked. Curses and tests read it.
class Frame {
 public:
  explicit Frame(Size size);

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] const Cell& at(int row, int column) const;
  [[nodiscard]] const std::optional<Place>& cursor() const { return cursor_; }
  [[nodiscard]] const std::vector<Region>& regions() const { return regions_; }
  /// The region that was added last of those at a place, or null.
  [[nodiscard]] const Region* region_at(Place place) const;

  /// The rows as text, blanks at their ends left out, each with a line end.
  [[nodiscard]] std::string to_text() const;
  /// The same with a letter for the role of each cell (letter_of), '_' below a selected blank; as long as the text.
  [[nodiscard]] std::string to_style_text() const;

 private:
  friend class Canvas;
  Size size_;
  std::vector<Cell> cells_;
  std::optional<Place> cursor_;
  std::vector<Region> regions_;
};

/// A rectangle of a frame to draw on. What lies outside is cut off, so that nobody can draw over a neighbour. Places
/// are relative to it.
class Canvas {
 public:
  /// The whole frame, which must outlive it.
  explicit Canvas(Frame& frame);

  [[nodiscard]] Size size() const { return {rect_.rows, rect_.columns}; }
  [[nodiscard]] int rows() const { return rect_.rows; }
  [[nodiscard]] int columns() const { return rect_.columns; }

  /// The part inside a rectangle, cut to what there is.
  [[nodiscard]] Canvas part(Rect rect) const;
  /// The rows [row, row + rows), all of them when `rows` is negative.
  [[nodiscard]] Canvas rows_from(int row, int rows = -1) const;
  /// Without so many cells at each side.
  [[nodiscard]] Canvas inside(int cells = 1) const;

  /// Writes a text that is cut at the canvas' end ('…' in its last cell then); gives the column behind it.
  int put(int row, int column, std::string_view text, Style style = {});
  /// The same in at most so many columns.
  int put_cut(int row, int column, int columns, std::string_view text, Style style = {});
  /// Writes a text that ends with column `end` - 1, cut at its end when it has no room.
  void put_right(int row, int end, std::string_view text, Style style = {});
  void put_centred(int row, std::string_view text, Style style = {});

  /// Gives a row, or all rows, blanks of a style.
  void fill(int row, Style style);
  void fill(Style style = {});
  /// Marks the cells of a row as selected (or not), whatever stands in them.
  void select(int row, bool is_selected = true);
  /// A ruler across the row.
  void rule(int row, Style style = Role::Border);
  /// A frame around the canvas with a title in its upper line.
  void box(std::string_view title = {}, Style style = Role::Border);

  /// The hardware cursor, shown at a cell. The last one counts.
  void set_cursor(int row, int column);
  void add_region(Rect rect, std::string action, int item = -1);

 private:
  Canvas(Frame& frame, Rect rect) : frame_(&frame), rect_(rect) {}
  [[nodiscard]] Cell* cell(int row, int column);
  void break_wide(int row, int column);

  Frame* frame_;
  Rect rect_;
};

}  // namespace vuurmuur::ui
