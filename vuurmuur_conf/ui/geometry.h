// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::ui {

/// Rows and columns of a terminal, or of a part of it.
struct Size {
  int rows = 0, columns = 0;
  bool operator==(const Size&) const = default;
};

/// A cell, counted from 0 at the upper left.
struct Place {
  int row = 0, column = 0;
  bool operator==(const Place&) const = default;
};

/// A rectangle of cells.
struct Rect {
  int row = 0, column = 0, rows = 0, columns = 0;
  [[nodiscard]] bool contains(Place place) const {
    return place.row >= row && place.row < row + rows && place.column >= column && place.column < column + columns;
  }
  bool operator==(const Rect&) const = default;
};

}  // namespace vuurmuur::ui
