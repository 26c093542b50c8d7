// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/painter.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "term/curses.h"

namespace vuurmuur::term {
namespace {

static_assert(std::is_same_v<attr_t, unsigned>);

unsigned attributes_of(std::uint8_t attributes) {
  static constexpr struct {
    Attribute ours;
    unsigned curses;
  } kRows[] = {
      {kBold, A_BOLD}, {kDim, A_DIM}, {kUnderline, A_UNDERLINE}, {kReverse, A_REVERSE}, {kItalic, A_ITALIC},
  };
  unsigned result = A_NORMAL;
  for (const auto& [ours, curses] : kRows)
    if ((attributes & ours) != 0) result |= curses;
  return result;
}

/// Whether a row is the same in two frames of one size.
bool are_equal(const ui::Frame& one, const ui::Frame& other, int row) {
  for (int column = 0; column < one.size().columns; ++column)
    if (one.at(row, column) != other.at(row, column)) return false;
  return true;
}

}  // namespace

Painter::Painter(Terminal& terminal, const Theme& theme) : terminal_(&terminal) {
  if (terminal.colours() != Colours::None) has_default_colours_ = ::use_default_colors() == OK;
  set_theme(theme);
}

void Painter::set_theme(const Theme& theme) {
  last_.reset();
  // The pairs are numbered anew: the Linux console has 64 of them.
  pairs_.clear();
  for (int role = 0; role < ui::kRoles; ++role) {
    for (const bool is_selected : {false, true}) {
      const Look look = theme.look({static_cast<ui::Role>(role), is_selected}, terminal_->colours());
      inks_[static_cast<std::size_t>(role)][is_selected ? 1 : 0] = {.attributes = attributes_of(look.attributes),
                                                                    .pair = pair_of(look.foreground, look.background)};
    }
  }
  terminal_->redraw_all();
}

short Painter::pair_of(int foreground, int background) {
  if (terminal_->colours() == Colours::None) return 0;
  if (foreground == kDefaultColour && background == kDefaultColour) return 0;
  if (!has_default_colours_) {
    if (foreground == kDefaultColour) foreground = COLOR_WHITE;
    if (background == kDefaultColour) background = COLOR_BLACK;
  }
  const std::pair colours(foreground, background);
  if (const auto known = pairs_.find(colours); known != pairs_.end()) return known->second;
  const int next = static_cast<int>(pairs_.size()) + 1;
  // Where there are no more, the attributes have to do.
  if (next >= COLOR_PAIRS) return 0;
  const auto pair = static_cast<short>(next);
  if (::init_pair(pair, static_cast<short>(foreground), static_cast<short>(background)) != OK) return 0;
  pairs_.emplace(colours, pair);
  return pair;
}

const std::wstring& Painter::shown(const std::string& text, int columns) {
  auto& known = shown_[columns > 1 ? 1 : 0];
  if (const auto found = known.find(text); found != known.end()) return found->second;
  // Few are used, but a log may hold anything.
  constexpr std::size_t kMost = 4096;
  if (known.size() >= kMost) known.clear();
  return known.emplace(text, terminal_->charset().shown(text, columns)).first->second;
}

void Painter::paint_row(const ui::Frame& frame, int row, int columns) {
  std::vector<cchar_t> line;
  line.reserve(static_cast<std::size_t>(columns));
  const auto add = [&line](const wchar_t* text, const Ink& ink) {
    cchar_t& drawn = line.emplace_back();
    if (::setcchar(&drawn, text, ink.attributes, ink.pair, nullptr) != OK)
      ::setcchar(&drawn, L"?", ink.attributes, ink.pair, nullptr);
  };
  for (int column = 0; column < columns;) {
    const ui::Cell& cell = frame.at(row, column);
    const Ink& ink = ink_of(cell.style);
    const bool is_wide = column + 1 < frame.size().columns && frame.at(row, column + 1).text.empty();
    // Half a character at the edge is a blank.
    const bool is_cut = cell.text.empty() || (is_wide && column + 1 >= columns);
    if (is_cut || (cell.text.size() == 1 && !is_wide && cell.text[0] >= ' ' && cell.text[0] <= '~')) {
      const wchar_t text[] = {is_cut ? L' ' : static_cast<wchar_t>(cell.text[0]), 0};
      add(text, ink);
      ++column;
      continue;
    }
    const int width = is_wide ? 2 : 1;
    const std::wstring& text = shown(cell.text, width);
    if (is_wide && text.size() == 2 && text[1] == L' ') {
      // What stands for a wide character are two narrow ones.
      add(text.substr(0, 1).c_str(), ink);
      add(L" ", ink);
    } else {
      add(text.c_str(), ink);
    }
    column += width;
  }
  // A run of cells does not move the cursor, so that the last cell of all is written without scrolling or an error.
  ::mvwadd_wchnstr(::stdscr, row, 0, line.data(), static_cast<int>(line.size()));
}

void Painter::paint(const ui::Frame& frame) {
  const int rows = std::min(frame.size().rows, ::getmaxy(::stdscr));
  const int columns = std::min(frame.size().columns, ::getmaxx(::stdscr));
  const ui::Size window{.rows = ::getmaxy(::stdscr), .columns = ::getmaxx(::stdscr)};
  if (!last_ || last_->size() != frame.size() || window != window_) {
    ::werase(::stdscr);
    last_.reset();
    window_ = window;
  }
  for (int row = 0; row < rows; ++row)
    if (!last_ || !are_equal(frame, *last_, row)) paint_row(frame, row, columns);
  last_ = frame;
  const auto& cursor = frame.cursor();
  const bool is_shown =
      cursor && cursor->row < rows && cursor->column < columns && cursor->row >= 0 && cursor->column >= 0;
  if (is_shown != is_cursor_shown_) ::curs_set(is_shown ? 1 : 0);
  is_cursor_shown_ = is_shown;
  if (is_shown) ::wmove(::stdscr, cursor->row, cursor->column);
  ::wnoutrefresh(::stdscr);
  ::doupdate();
}

}  // namespace vuurmuur::term
