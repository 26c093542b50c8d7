// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "ui/geometry.h"

namespace vuurmuur::test {

/// What stands in a cell of a terminal.
struct TerminalCell {
  std::string text;  ///< empty: the right half of a wide character
  bool is_bold = false, is_underlined = false, is_italic = false, is_reversed = false;
  int foreground = -1, background = -1;  ///< of the palette; -1: the terminal's own
};

/// A terminal without a window (libvterm, which is an xterm as far as these tests go): bytes of a program in, cells
/// out; keys in, bytes out.
class VirtualTerminal {
 public:
  explicit VirtualTerminal(ui::Size size);
  ~VirtualTerminal();
  VirtualTerminal(const VirtualTerminal&) = delete;
  VirtualTerminal& operator=(const VirtualTerminal&) = delete;

  void write(std::string_view bytes);
  void resize(ui::Size size);

  /// What the terminal sends: keys, and answers to what the program asked. Taken away by reading it.
  [[nodiscard]] std::string take_output();

  /// Presses keys, named as in the program's help and separated by blanks: "j G Enter Ctrl-l Alt-x Shift-Tab F10
  /// Space". Throws std::invalid_argument for what is no key.
  void press(std::string_view keys);
  /// The marks around a paste, where the program wants them.
  void begin_paste();
  void end_paste();
  void click(ui::Place place);
  void wheel(ui::Place place, bool is_up);

  [[nodiscard]] ui::Size size() const;
  [[nodiscard]] TerminalCell cell(int row, int column) const;
  /// The rows, blanks at their ends left out, each with a line end: as ui::Frame::to_text().
  [[nodiscard]] std::string text() const;
  /// A row without the blanks at its end.
  [[nodiscard]] std::string row(int row) const;
  [[nodiscard]] ui::Place cursor() const;
  [[nodiscard]] bool is_cursor_shown() const;
  [[nodiscard]] bool is_alternate_screen() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vuurmuur::test
