// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "ui/canvas.h"
#include "ui/columns.h"

namespace vuurmuur::screens {

/// Columns as they fit into a canvas, with one left for a list's bar.
class Table {
 public:
  /// `columns` must outlive it.
  Table(std::span<const ui::Column> columns, const ui::Canvas& canvas)
      : columns_(columns), slots_(ui::share_out(columns, canvas.columns() - 1)) {}

  /// The heads, translated, in the canvas' first row.
  void draw_heads(ui::Canvas canvas) const;
  /// A text in a row's column, unless that has no room.
  void put(ui::Canvas row, std::size_t column, std::string_view text, ui::Style style = {}) const;

 private:
  std::span<const ui::Column> columns_;
  std::vector<ui::Slot> slots_;
};

}  // namespace vuurmuur::screens
