// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <functional>

#include "ui/canvas.h"
#include "ui/key.h"

namespace vuurmuur::ui {

/// Which of some items is selected, and which are in view. What the items are is the caller's.
class List {
 public:
  [[nodiscard]] int selected() const { return selected_; }
  void select(int item, int count);
  void move(int by, int count) { select(selected_ + by, count); }
  /// Rows of the last view: what PgDn goes by.
  [[nodiscard]] int page() const { return page_ > 1 ? page_ - 1 : 1; }

  /// Draws the items that are in view, one a row: `draw` gets the row's canvas and the item. The selected one gets the
  /// row's colours and the cursor; each can be clicked. At the right a bar says where in a long list we are.
  void view(Canvas canvas, int count, const std::function<void(Canvas, int item)>& draw) const;

 private:
  int selected_ = 0;
  // Where a view stands follows from the selection and the rows that there are, so that drawing may find it out.
  mutable int top_ = 0, page_ = 1;
};

}  // namespace vuurmuur::ui
