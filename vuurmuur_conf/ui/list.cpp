// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/list.h"

#include <algorithm>

namespace vuurmuur::ui {

void List::select(int item, int count) { selected_ = std::clamp(item, 0, std::max(0, count - 1)); }

void List::view(Canvas canvas, int count, const std::function<void(Canvas, int item)>& draw) const {
  const int rows = canvas.rows();
  // There may be fewer than when it was selected.
  if (canvas.rows() < 1) return;
  const int selected = std::clamp(selected_, 0, std::max(0, count - 1));
  page_ = rows;
  top_ = std::clamp(top_, std::max(0, selected - rows + 1), selected);
  top_ = std::clamp(top_, 0, std::max(0, count - rows));
  const bool has_bar = count > rows && canvas.columns() > 2;
  const Canvas body = canvas.part({.rows = rows, .columns = canvas.columns() - (has_bar ? 1 : 0)});
  for (int row = 0; row < rows && top_ + row < count; ++row) {
    const int item = top_ + row;
    Canvas line = body.rows_from(row, 1);
    draw(line, item);
    if (item == selected) {
      line.select(0);
      line.set_cursor(0, 0);
    }
    line.add_region({.rows = 1, .columns = line.columns()}, "", item);
  }
  if (!has_bar) return;
  const int column = canvas.columns() - 1;
  const int thumb = std::max(1, rows * rows / count);
  const int begin = count == rows ? 0 : (rows - thumb) * top_ / (count - rows);
  for (int row = 0; row < rows; ++row)
    canvas.put(row, column, row >= begin && row < begin + thumb ? "█" : "│", Role::Border);
}

}  // namespace vuurmuur::ui
