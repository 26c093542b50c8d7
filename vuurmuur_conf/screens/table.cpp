// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/table.h"

#include "ui/translate.h"

namespace vuurmuur::screens {

void Table::put(ui::Canvas row, std::size_t column, std::string_view text, ui::Style style) const {
  const ui::Slot& slot = slots_[column];
  if (slot.columns == 0) return;
  if (columns_[column].is_right)
    row.put_right(0, slot.column + slot.columns, text, style);
  else
    row.put_cut(0, slot.column, slot.columns, text, style);
}

void Table::draw_heads(ui::Canvas canvas) const {
  // The catalogues have a text for "": their own head.
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].head[0] != '\0') put(canvas, i, ui::tr(columns_[i].head), ui::Role::Heading);
}

}  // namespace vuurmuur::screens
