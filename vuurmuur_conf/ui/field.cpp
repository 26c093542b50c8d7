// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/field.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "ui/text.h"

namespace vuurmuur::ui {
namespace {

/// Where the word before the cursor begins.
std::size_t word_before(std::string_view text, std::size_t at) {
  while (at > 0 && text[at - 1] == ' ') --at;
  while (at > 0 && text[at - 1] != ' ') --at;
  return at;
}

/// Where the part in view begins, so that the cursor has a cell of `room`: one walk, however long the text is.
std::size_t first_in_view(std::string_view text, std::size_t cursor, int room) {
  std::deque<std::pair<std::size_t, int>> window;  // where each grapheme begins and its columns
  int columns = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < cursor;) {
    const std::size_t next = after(text, at);
    const int wide = columns_of(text.substr(at, next - at));
    window.emplace_back(at, wide);
    columns += wide;
    at = next;
    while (columns >= room && !window.empty()) {
      columns -= window.front().second;
      window.pop_front();
      begin = window.empty() ? at : window.front().first;
    }
  }
  return begin;
}

}  // namespace

void Field::set(std::string text) {
  text_ = std::move(text);
  cursor_ = text_.size();
}

void Field::insert(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  std::erase(line, '\r');
  text_.insert(cursor_, line);
  cursor_ += line.size();
}

bool Field::take(const Key& key) {
  if (key.is_text()) return insert(utf8(key.character)), true;
  if (key.ctrl && key.code == KeyCode::Character) {
    switch (key.character) {
      case U'a': return cursor_ = 0, true;
      case U'e': return cursor_ = text_.size(), true;
      case U'k': return text_.erase(cursor_), true;
      case U'u': return text_.erase(0, cursor_), cursor_ = 0, true;
      case U'w': {
        const std::size_t begin = word_before(text_, cursor_);
        text_.erase(begin, cursor_ - begin);
        return cursor_ = begin, true;
      }
      default: return false;
    }
  }
  if (key.ctrl || key.alt || key.shift) return false;
  switch (key.code) {
    case KeyCode::Left: return cursor_ = before(text_, cursor_), true;
    case KeyCode::Right: return cursor_ = after(text_, cursor_), true;
    case KeyCode::Home: return cursor_ = 0, true;
    case KeyCode::End: return cursor_ = text_.size(), true;
    case KeyCode::Delete: return text_.erase(cursor_, after(text_, cursor_) - cursor_), true;
    case KeyCode::Backspace: {
      const std::size_t begin = before(text_, cursor_);
      text_.erase(begin, cursor_ - begin);
      return cursor_ = begin, true;
    }
    default: return false;
  }
}

void Field::view(Canvas canvas, bool has_focus) const {
  const int room = canvas.columns();
  if (room < 1) return;
  canvas.fill(0, Style(Role::Entry, false));
  const std::size_t begin = has_focus ? first_in_view(text_, cursor_, room) : 0;
  const std::string_view shown = std::string_view(text_).substr(begin);
  canvas.put(0, 0, shown, Role::Entry);
  if (has_focus) canvas.set_cursor(0, columns_of(shown.substr(0, cursor_ - begin)));
}

}  // namespace vuurmuur::ui
