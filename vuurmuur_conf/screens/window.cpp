// SPDX-License-Identifier: GPL-2.0-or-later
#include "screens/window.h"

#include <algorithm>

namespace vuurmuur::screens {

ui::Canvas window(ui::Canvas canvas, ui::Size inside, std::string_view title) {
  // A frame and a blank at each side.
  const int rows = std::min(inside.rows + 2, canvas.rows());
  const int columns = std::min(inside.columns + 4, canvas.columns());
  ui::Canvas whole = canvas.part({.row = (canvas.rows() - rows) / 2,
                                  .column = (canvas.columns() - columns) / 2,
                                  .rows = rows,
                                  .columns = columns});
  whole.fill();
  whole.box(title);
  return whole.part({.row = 1, .column = 2, .rows = rows - 2, .columns = columns - 4});
}

}  // namespace vuurmuur::screens
