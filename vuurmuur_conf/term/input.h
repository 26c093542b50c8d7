// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <span>
#include <vector>

#include "term/decoder.h"
#include "term/key_table.h"
#include "term/terminal.h"
#include "ui/input.h"

namespace vuurmuur::term {

/// Reads what is typed, clicked and pasted. Curses finds the keys in the bytes, by terminfo and by the table of
/// key_sequences(); Decoder does the rest.
///
/// Bytes come from wgetch(): measured with ncurses 6.4, get_wch() gives nothing any more, and loses what follows, once
/// a byte has come that is no character of the locale.
class Input : private UnitSource {
 public:
  explicit Input(Terminal& terminal);

  /// What has arrived, without waiting (but for the end of a sequence that has begun: set_escdelay).
  [[nodiscard]] std::vector<ui::Input> take() { return take_until(Decoder::Clock::now()); }
  [[nodiscard]] std::vector<ui::Input> take_until(Decoder::Clock::time_point now) { return decoder_.take(now); }

  /// See Decoder.
  [[nodiscard]] bool is_pasting() const { return decoder_.is_pasting(); }
  [[nodiscard]] bool has_more() const { return decoder_.has_more(); }

 private:
  [[nodiscard]] Unit next() override;
  [[nodiscard]] std::size_t read(std::span<char> bytes) override;
  void define_keys();

  Terminal* terminal_;
  std::vector<KeySequence> sequences_;
  Decoder decoder_;
};

}  // namespace vuurmuur::term
