// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ui/key.h"

namespace vuurmuur::term {

/// A sequence of bytes that terminals send for a key.
struct KeySequence {
  std::string bytes;
  ui::Key key;
};

/// What terminals send beside, or instead of, what terminfo says of them: cursor keys in both of their modes, the keys
/// of xterm with modifiers ("\033[1;5A"), of the Linux console, rxvt and the numeric pad.
[[nodiscard]] std::vector<KeySequence> key_sequences();

/// The key of a number that curses gives (KEY_UP, KEY_F(1)…); nothing for what is no key of ours.
[[nodiscard]] std::optional<ui::Key> key_of_curses(int code);

}  // namespace vuurmuur::term
