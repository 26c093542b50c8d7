// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <string>
#include <string_view>

#include "ui/canvas.h"
#include "ui/key.h"

namespace vuurmuur::ui {

/// A line of text that is edited.
class Field {
 public:
  Field() = default;
  explicit Field(std::string text) : text_(std::move(text)), cursor_(text_.size()) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  void set(std::string text);
  /// Takes a key that edits: text, Backspace, Del, Left, Right, Home, End, Ctrl-a, Ctrl-e, Ctrl-k, Ctrl-u, Ctrl-w.
  /// False when it means nothing to a field.
  bool take(const Key& key);
  /// Puts a text in at the cursor; its line ends become blanks.
  void insert(std::string_view text);

  /// Draws the text in row 0 as far as there is room, with the cursor in view.
  void view(Canvas canvas, bool has_focus) const;

 private:
  std::string text_;
  std::size_t cursor_ = 0;  ///< a byte at which a grapheme begins, or the end
};

}  // namespace vuurmuur::ui
