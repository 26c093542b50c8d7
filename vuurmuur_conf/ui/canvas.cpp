// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/canvas.h"

#include <algorithm>

#include "base/assert.h"
#include "ui/text.h"

namespace vuurmuur::ui {

Frame::Frame(Size size)
    : size_{std::max(size.rows, 0), std::max(size.columns, 0)},
      cells_(static_cast<std::size_t>(size_.rows) * static_cast<std::size_t>(size_.columns)) {}

const Cell& Frame::at(int row, int column) const {
  VM_ASSERT(row >= 0 && row < size_.rows && column >= 0 && column < size_.columns);
  return cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns) +
                static_cast<std::size_t>(column)];
}

const Region* Frame::region_at(Place place) const {
  const auto found = std::ranges::find_if(regions_.rbegin(), regions_.rend(),
                                          [place](const Region& region) { return region.rect.contains(place); });
  return found == regions_.rend() ? nullptr : &*found;
}

std::string Frame::to_text() const {
  std::string text;
  for (int row = 0; row < size_.rows; ++row) {
    const std::size_t begin = text.size();
    for (int column = 0; column < size_.columns; ++column) text += at(row, column).text;
    const std::size_t last = text.find_last_not_of(' ');
    text.resize(last == std::string::npos || last < begin ? begin : last + 1);
    text += '\n';
  }
  return text;
}

std::string Frame::to_style_text() const {
  std::string text;
  for (int row = 0; row < size_.rows; ++row) {
    const std::size_t begin = text.size();
    for (int column = 0; column < size_.columns; ++column) {
      const Cell& cell = at(row, column);
      if (cell.text.empty()) continue;
      const bool is_plain_blank = cell.text == " " && cell.style.role == Role::Normal;
      text += is_plain_blank ? (cell.style.is_selected ? '_' : ' ') : letter_of(cell.style.role);
    }
    const std::size_t last = text.find_last_not_of(' ');
    text.resize(last == std::string::npos || last < begin ? begin : last + 1);
    text += '\n';
  }
  return text;
}

Canvas::Canvas(Frame& frame)
    : frame_(&frame), rect_{.row = 0, .column = 0, .rows = frame.size().rows, .columns = frame.size().columns} {}

Canvas Canvas::part(Rect rect) const {
  const int row = std::clamp(rect.row, 0, rect_.rows), column = std::clamp(rect.column, 0, rect_.columns);
  const int end_row = std::clamp(rect.row + rect.rows, row, rect_.rows);
  const int end_column = std::clamp(rect.column + rect.columns, column, rect_.columns);
  return Canvas(
      *frame_,
      {.row = rect_.row + row, .column = rect_.column + column, .rows = end_row - row, .columns = end_column - column});
}

Canvas Canvas::rows_from(int row, int rows) const {
  return part({.row = row, .column = 0, .rows = rows < 0 ? rect_.rows - row : rows, .columns = rect_.columns});
}

Canvas Canvas::inside(int cells) const {
  return part({.row = cells, .column = cells, .rows = rect_.rows - 2 * cells, .columns = rect_.columns - 2 * cells});
}

Cell* Canvas::cell(int row, int column) {
  if (row < 0 || row >= rect_.rows || column < 0 || column >= rect_.columns) return nullptr;
  return &frame_->cells_[static_cast<std::size_t>(rect_.row + row) * static_cast<std::size_t>(frame_->size_.columns) +
                         static_cast<std::size_t>(rect_.column + column)];
}

/// What is written over one half of a wide character takes the other half away as well.
void Canvas::break_wide(int row, int column) {
  Cell* here = cell(row, column);
  if (here == nullptr) return;
  if (here->text.empty()) {
    if (Cell* left = cell(row, column - 1)) left->text = " ";
  }
  Cell* right = cell(row, column + 1);
  if (right != nullptr && right->text.empty()) right->text = " ";
}

int Canvas::put(int row, int column, std::string_view text, Style style) {
  return put_cut(row, column, rect_.columns - column, text, style);
}

int Canvas::put_cut(int row, int column, int columns, std::string_view text, Style style) {
  if (row < 0 || row >= rect_.rows || columns <= 0) return column;
  // Most texts have as many columns as bytes at most, and need no look at where they are to be cut.
  const std::string shortened = static_cast<int>(text.size()) > columns ? cut(text, columns) : std::string();
  for_each_grapheme(shortened.empty() ? text : std::string_view(shortened), [&](const Grapheme& grapheme) {
    Cell* left = cell(row, column);
    Cell* right = grapheme.columns == 2 ? cell(row, column + 1) : nullptr;
    if (left != nullptr && (grapheme.columns == 1 || right != nullptr)) {
      break_wide(row, column);
      *left = {.text = std::string(grapheme.text), .style = style};
      if (right != nullptr) {
        break_wide(row, column + 1);
        left->text = std::string(grapheme.text);
        *right = {.text = "", .style = style};
      }
    }
    column += grapheme.columns;
  });
  return column;
}

void Canvas::put_right(int row, int end, std::string_view text, Style style) {
  const int columns = columns_of(text);
  if (columns <= end) {
    put(row, end - columns, text, style);
  } else {
    put_cut(row, 0, end, text, style);
  }
}

void Canvas::put_centred(int row, std::string_view text, Style style) {
  put(row, std::max(0, (rect_.columns - columns_of(text)) / 2), text, style);
}

void Canvas::fill(int row, Style style) {
  for (int column = 0; column < rect_.columns; ++column) {
    Cell* here = cell(row, column);
    if (here == nullptr) return;
    break_wide(row, column);
    *here = {.text = " ", .style = style};
  }
}

void Canvas::fill(Style style) {
  for (int row = 0; row < rect_.rows; ++row) fill(row, style);
}

void Canvas::select(int row, bool is_selected) {
  for (int column = 0; column < rect_.columns; ++column) {
    if (Cell* here = cell(row, column)) here->style.is_selected = is_selected;
  }
}

void Canvas::rule(int row, Style style) {
  for (int column = 0; column < rect_.columns; ++column) put(row, column, "─", style);
}

void Canvas::box(std::string_view title, Style style) {
  const int bottom = rect_.rows - 1, right = rect_.columns - 1;
  if (bottom < 1 || right < 1) return;
  rule(0, style);
  rule(bottom, style);
  for (int row = 1; row < bottom; ++row) {
    put(row, 0, "│", style);
    put(row, right, "│", style);
  }
  put(0, 0, "┌", style);
  put(0, right, "┐", style);
  put(bottom, 0, "└", style);
  put(bottom, right, "┘", style);
  if (title.empty() || right < 6) return;
  put_cut(0, 2, right - 4, " " + cut(title, right - 6) + " ", Style(Role::Heading, style.is_selected));
}

void Canvas::set_cursor(int row, int column) {
  if (cell(row, column) != nullptr) frame_->cursor_ = Place{.row = rect_.row + row, .column = rect_.column + column};
}

void Canvas::add_region(Rect rect, std::string action, int item) {
  const Canvas there = part(rect);
  if (there.rows() == 0 || there.columns() == 0) return;
  frame_->regions_.push_back({.rect = there.rect_, .action = std::move(action), .item = item});
}

}  // namespace vuurmuur::ui
