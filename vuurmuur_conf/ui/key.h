// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vuurmuur::ui {

enum class KeyCode : std::uint8_t {
  Character,
  Enter,
  Escape,
  Tab,
  Backspace,
  Insert,
  Delete,
  Home,
  End,
  PageUp,
  PageDown,
  Up,
  Down,
  Left,
  Right,
  F1,
  F2,
  F3,
  F4,
  F5,
  F6,
  F7,
  F8,
  F9,
  F10,
  F11,
  F12,
};

/// A key as a person presses it.
struct Key {
  KeyCode code = KeyCode::Character;
  char32_t character = 0;  ///< of KeyCode::Character: what it writes; the lower-case letter when ctrl is held
  bool ctrl = false, alt = false;
  bool shift = false;  ///< of named keys only: a character says it itself
  auto operator<=>(const Key&) const = default;

  [[nodiscard]] static Key of(char32_t character) { return {.character = character}; }
  /// Whether it writes its character into a field.
  [[nodiscard]] bool is_text() const { return code == KeyCode::Character && !ctrl && !alt && character >= ' '; }
};

/// "j", "G", "Space", "Enter", "F10", "Ctrl-l", "Shift-Tab", "Alt-x".
[[nodiscard]] std::string name_of(const Key& key);

/// The inverse, whatever the case of the words; nothing for what is no key.
[[nodiscard]] std::optional<Key> key_from(std::string_view name);

/// A character in UTF-8.
[[nodiscard]] std::string utf8(char32_t character);

}  // namespace vuurmuur::ui
