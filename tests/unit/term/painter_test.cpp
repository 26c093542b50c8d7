// SPDX-License-Identifier: GPL-2.0-or-later
// Canvas → curses, read back from curses, with a null device for a terminal.
#include "term/painter.h"

#include <algorithm>
#include <cstdlib>

#include "pty_pair.h"
#include "term/curses.h"

using namespace vuurmuur;
using test::WithLocale;
using test::WithVariable;

namespace {

constexpr int kRows = 6, kColumns = 20;

/// A terminal that is nowhere.
class NullTerminal {
 public:
  explicit NullTerminal(const char* type) {
    const WithVariable lines("LINES", "6"), columns("COLUMNS", "20");
    null_ = std::fopen("/dev/null", "r+");
    auto opened = term::Terminal::open({.input = null_, .output = null_, .type = type, .needs_tty = false});
    REQUIRE(opened);
    terminal = std::move(*opened);
    REQUIRE(terminal->size() == ui::Size{.rows = kRows, .columns = kColumns});
  }
  ~NullTerminal() {
    terminal.reset();
    std::fclose(null_);
  }
  NullTerminal(const NullTerminal&) = delete;
  NullTerminal& operator=(const NullTerminal&) = delete;

  std::unique_ptr<term::Terminal> terminal;

 private:
  std::FILE* null_;
};

struct Shown {
  std::wstring text;
  attr_t attributes = 0;
  short foreground = -1, background = -1;
};

Shown shown_at(int row, int column) {
  cchar_t cell;
  REQUIRE(::mvwin_wch(::stdscr, row, column, &cell) == OK);
  wchar_t text[CCHARW_MAX + 1] = {};
  Shown shown;
  short pair = 0;
  REQUIRE(::getcchar(&cell, text, &shown.attributes, &pair, nullptr) == OK);
  shown.text = text;
  shown.attributes &= A_ATTRIBUTES & ~A_COLOR;
  if (pair != 0) REQUIRE(::pair_content(pair, &shown.foreground, &shown.background) == OK);
  return shown;
}

std::wstring row_text(int row) {
  std::wstring text;
  for (int column = 0; column < kColumns;) {
    const std::wstring cell = shown_at(row, column).text;
    text += cell;
    // Curses gives a wide character in both of its cells.
    column += std::max(1, ::wcwidth(cell.front()));
  }
  return text.substr(0, text.find_last_not_of(L' ') + 1);
}

ui::Frame frame_of(ui::Size size, const std::vector<std::string>& rows) {
  ui::Frame frame(size);
  ui::Canvas canvas(frame);
  for (std::size_t row = 0; row < rows.size(); ++row) canvas.put(static_cast<int>(row), 0, rows[row]);
  return frame;
}

}  // namespace

TEST_CASE("what is in a frame is on the screen") {
  const WithLocale utf8("C.UTF-8");
  const NullTerminal null("xterm-256color");
  term::Painter painter(*null.terminal);
  const ui::Size size{.rows = kRows, .columns = kColumns};
  ui::Frame frame = frame_of(size, {"┌──┐ zöne 日本", "e\u0301 combining e\u0308", "", "", "", "12345678901234567890"});
  painter.paint(frame);
  CHECK(row_text(0) == L"┌──┐ zöne 日本");
  CHECK(row_text(1) == L"e\u0301 combining e\u0308");
  CHECK(shown_at(1, 0).text == L"e\u0301");
  CHECK(row_text(2) == L"");
  // To the last cell of all.
  CHECK(row_text(kRows - 1) == L"12345678901234567890");
  // The next frame leaves nothing of it.
  painter.paint(frame_of(size, {"x"}));
  CHECK(row_text(0) == L"x");
  for (int row = 1; row < kRows; ++row) CHECK(row_text(row) == L"");
}

TEST_CASE("a frame of another size is cut, or filled with blanks") {
  const WithLocale utf8("C.UTF-8");
  const NullTerminal null("xterm-256color");
  term::Painter painter(*null.terminal);
  painter.paint(frame_of({.rows = 40, .columns = 100}, {std::string(100, 'a')}));
  CHECK(row_text(0) == std::wstring(kColumns, L'a'));
  // Half of a wide character has no room.
  painter.paint(frame_of({.rows = 40, .columns = 100}, {std::string(kColumns - 1, 'a') + "日"}));
  CHECK(row_text(0) == std::wstring(kColumns - 1, L'a'));
  painter.paint(frame_of({.rows = 1, .columns = 3}, {"abc"}));
  CHECK(row_text(0) == L"abc");
  painter.paint(ui::Frame({.rows = 0, .columns = 0}));
  CHECK(row_text(0) == L"");
}

TEST_CASE("styles have the theme's colours and attributes") {
  const WithLocale utf8("C.UTF-8");
  for (const char* type : {"xterm-256color", "xterm", "linux", "vt100"}) {
    const NullTerminal null(type);
    const term::Colours colours = null.terminal->colours();
    term::Painter painter(*null.terminal);
    for (const std::string_view name : term::Theme::names()) {
      const term::Theme& theme = *term::Theme::find(name);
      painter.set_theme(theme);
      for (int role = 0; role < ui::kRoles; ++role) {
        for (const bool is_selected : {false, true}) {
          const ui::Style style(static_cast<ui::Role>(role), is_selected);
          ui::Frame frame({.rows = 1, .columns = 2});
          ui::Canvas(frame).put(0, 0, "xy", style);
          painter.paint(frame);
          const Shown shown = shown_at(0, 1);
          const term::Look look = theme.look(style, colours);
          INFO(type << ' ' << name << ' ' << term::name_of(style.role) << (is_selected ? " selected" : ""));
          CHECK(shown.text == L"y");
          CHECK(((shown.attributes & A_BOLD) != 0) == ((look.attributes & term::kBold) != 0));
          CHECK(((shown.attributes & A_DIM) != 0) == ((look.attributes & term::kDim) != 0));
          CHECK(((shown.attributes & A_UNDERLINE) != 0) == ((look.attributes & term::kUnderline) != 0));
          CHECK(((shown.attributes & A_REVERSE) != 0) == ((look.attributes & term::kReverse) != 0));
          CHECK(((shown.attributes & A_ITALIC) != 0) == ((look.attributes & term::kItalic) != 0));
          if (colours == term::Colours::None) continue;
          CHECK(shown.foreground == look.foreground);
          CHECK(shown.background == look.background);
        }
      }
    }
  }
}

TEST_CASE("where the charset is not UTF-8 lines are ASCII and the rest is '?'") {
  const WithLocale c("C");
  const NullTerminal null("xterm");
  term::Painter painter(*null.terminal);
  painter.paint(
      frame_of({.rows = kRows, .columns = kColumns}, {"┌──┬─┐ ═ ║", "│ a│b│ zöne 日x", "└──┴─┘ … ▁█ ✓", "e\u0301x"}));
  CHECK(row_text(0) == L"+--+-+ - |");
  CHECK(row_text(1) == L"| a|b| z?ne ? x");
  CHECK(row_text(2) == L"+--+-+ ~ _# v");
  CHECK(row_text(3) == L"ex");
}

TEST_CASE("characters of which the widths differ take the columns of the frame") {
  const WithLocale utf8("C.UTF-8");
  const term::Charset charset;
  CHECK(charset.shown("a", 1) == L"a");
  CHECK(charset.shown("日", 2) == L"日");
  CHECK(charset.shown("日", 1) == L"?");
  CHECK(charset.shown("a", 2) == L"a ");
  CHECK(charset.shown("\u00ad", 2).size() == 2);
  CHECK(charset.shown("", 1) == L"?");
  CHECK(charset.shown("\xff", 1) == L"?");
  CHECK(charset.shown("\x1b", 1) == L"?");
  // More marks than a cell can have.
  CHECK(charset.shown("a\u0301\u0302\u0303\u0304\u0305\u0306", 1).size() == 5);
  CHECK(charset.shown("aé", 1) == L"a");
}
