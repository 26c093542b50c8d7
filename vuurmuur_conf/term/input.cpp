// SPDX-License-Identifier: GPL-2.0-or-later
#include "term/input.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "term/curses.h"

namespace vuurmuur::term {
namespace {

/// Our numbers for sequences begin behind those that curses gives to what it finds in terminfo (KEY_MAX and on).
constexpr int kPasteCode = 4000;
constexpr int kFirstCode = 4001;

}  // namespace

Input::Input(Terminal& terminal)
    : terminal_(&terminal), sequences_(key_sequences()), decoder_(*this, terminal.charset()) {
  define_keys();
}

void Input::define_keys() {
  ::define_key("\033[200~", kPasteCode);
  // Single bytes that terminfo gives names which are nobody's keys: Ctrl-Z is "kspd" on the Linux console.
  for (char byte = 1; byte < ' '; ++byte) {
    const char sequence[] = {byte, '\0'};
    const int known = ::key_defined(sequence);
    if (known > 0 && !key_of_curses(known)) ::define_key(sequence, 0);
  }
  for (std::size_t i = 0; i < sequences_.size(); ++i) {
    const KeySequence& sequence = sequences_[i];
    const int known = ::key_defined(sequence.bytes.c_str());
    // What terminfo says of this terminal goes first, but for what it knows under a name of its own ("kUP5"). Negative:
    // it is the beginning of another.
    if (known < 0 || (known > 0 && known <= KEY_MAX)) continue;
    ::define_key(sequence.bytes.c_str(), kFirstCode + static_cast<int>(i));
  }
}

Unit Input::next() {
  const int code = ::wgetch(static_cast<WINDOW*>(terminal_->key_window()));
  if (code == ERR) return NothingYet{};
  if (code >= 0 && code <= UINT8_MAX) return Byte{static_cast<unsigned char>(code)};
  if (code == kPasteCode) return PasteBegins{};
  if (code == KEY_MOUSE) {
    MEVENT event{};
    if (::getmouse(&event) != OK) return Ignored{};
    const ui::Place place{.row = event.y, .column = event.x};
    using What = ui::Mouse::What;
    if ((event.bstate & BUTTON4_PRESSED) != 0) return ui::Mouse{.what = What::WheelUp, .place = place};
    if ((event.bstate & BUTTON5_PRESSED) != 0) return ui::Mouse{.what = What::WheelDown, .place = place};
    if ((event.bstate & BUTTON1_PRESSED) != 0) return ui::Mouse{.what = What::Press, .place = place};
    return Ignored{};
  }
  const int index = code - kFirstCode;
  if (index >= 0 && index < static_cast<int>(sequences_.size())) return sequences_[static_cast<std::size_t>(index)].key;
  if (const auto key = key_of_curses(code)) return *key;
  // KEY_RESIZE among them: it says what resizeterm() was told.
  return Ignored{};
}

std::size_t Input::read(std::span<char> bytes) {
  const int fd = terminal_->input_fd();
  int waiting = 0;
  if (::ioctl(fd, FIONREAD, &waiting) != 0 || waiting <= 0) return 0;
  const ssize_t size = ::read(fd, bytes.data(), std::min(bytes.size(), static_cast<std::size_t>(waiting)));
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

}  // namespace vuurmuur::term
