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

}  // namespace

Painter::Painter(Terminal& terminal, const Theme& theme) : terminal_(&terminal) {
  if (terminal.colours() != Colours::None) has_default_colours_ = ::use_default_colors() == OK;
  set_theme(theme);
}

void Painter::set_theme(const Theme& theme) {
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

void Painter::paint(const ui::Frame& frame) {
  ::werase(::stdscr);
  const int rows = std::min(frame.size().rows, ::getmaxy(::stdscr));
  const int columns = std::min(frame.size().columns, ::getmaxx(::stdscr));
  std::vector<cchar_t> line;
  for (int row = 0; row < rows; ++row) {
    line.clear();
    for (int column = 0; column < columns;) {
      const ui::Cell& cell = frame.at(row, column);
      const bool is_wide = column + 1 < frame.size().columns && frame.at(row, column + 1).text.empty();
      // Half a character at the edge is a blank.
      const bool is_cut = cell.text.empty() || (is_wide && column + 1 >= columns);
      const int width = is_wide && !is_cut ? 2 : 1;
      const std::wstring shown = is_cut ? L" " : terminal_->charset().shown(cell.text, width);
      const Ink& ink = ink_of(cell.style);
      // What stands for a wide character are two narrow ones.
      const bool is_pair = width == 2 && shown.size() == 2 && shown[1] == L' ';
      for (std::size_t part = 0; part < (is_pair ? 2U : 1U); ++part) {
        const std::wstring text = is_pair ? shown.substr(part, 1) : shown;
        cchar_t& drawn = line.emplace_back();
        if (::setcchar(&drawn, text.c_str(), ink.attributes, ink.pair, nullptr) != OK)
          ::setcchar(&drawn, L"?", ink.attributes, ink.pair, nullptr);
      }
      column += width;
    }
    // A run of cells does not move the cursor, so that the last cell of all is written without scrolling or an error.
    ::mvwadd_wchnstr(::stdscr, row, 0, line.data(), static_cast<int>(line.size()));
  }
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
